#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// The bounds of the system. Whatever a caller, a file or a portal can make larger has a bound here: memory, answers and
// waiting times stay limited whatever comes in. A test goes over the API with input at and beyond the bounds. Public
// protos say the numbers that concern their callers.
namespace tthc::limits {

// --- Texts and resources, bytes of UTF-8 unless said -----------------------------------------------------------------
// A name, a title: one line.
inline constexpr size_t kShortTextBytesMax = 512;
// A note, a reason, the content of a request: several lines.
inline constexpr size_t kLongTextBytesMax = 8 * 1024;
// Code or alias of a dossier: those of other systems are longer than ours.
inline constexpr size_t kCodeBytesMax = 96;
// "units/tp-hcns" and the like.
inline constexpr size_t kResourceNameBytesMax = 128;
// A UUID has 36.
inline constexpr size_t kRequestIdBytesMax = 64;
// Codes of other systems that clients may add.
inline constexpr size_t kAliasesPerDossierMax = 16;
// Documents that one dossier is made of.
inline constexpr size_t kDocumentsPerDossierMax = 200;
// A dossier of years has some dozens. Every amendment folds them all again.
inline constexpr size_t kEventsPerDossierMax = 1000;
// Petitions about one dossier.
inline constexpr size_t kPetitionsPerDossierMax = 100;
// Corrections of one dossier: each costs a fold of all its events, in every replay, too.
inline constexpr size_t kAmendmentsPerDossierMax = 50;
// Folded; far below what one answer can carry.
inline constexpr size_t kDossierBytesMax = 1024 * 1024;
// Larger than any fee of the state; sums of a dossier's payments stay far from overflow.
inline constexpr int64_t kVndMax = 1'000'000'000'000'000;

// --- Commands --------------------------------------------------------------------------------------------------------
// The events with which a dossier is imported.
inline constexpr size_t kEventsPerCreateMax = 64;
// All or none of them, in one commit.
inline constexpr size_t kEventsPerBatchMax = 1000;
// One request or answer: the default of gRPC, which other clients may not raise.
inline constexpr size_t kMessageBytesMax = 4 * 1024 * 1024;
// What one command writes to the log: the feed carries it in one message.
inline constexpr size_t kCommandBytesMax = 3 * 1024 * 1024;
// Dossiers of one BatchGetDossiers; the answer is bounded in bytes besides.
inline constexpr size_t kBatchGetMax = 1000;
// Commands of one append stream that are not acknowledged yet; behind it the stream is read no further.
inline constexpr size_t kStreamInFlightMax = 4096;
// The same in bytes.
inline constexpr size_t kStreamInFlightBytesMax = 32 * 1024 * 1024;

// --- Times -----------------------------------------------------------------------------------------------------------
// A client's clock may run ahead so much.
inline constexpr absl::Duration kFutureSkewMax = absl::Minutes(2);
// Entered later than this after it happened, an event is marked as a late entry ...
inline constexpr absl::Duration kLateEntryThreshold = absl::Hours(1);
// ... and refused beyond this, unless it is imported.
inline constexpr absl::Duration kLateEntryMax = absl::Hours(24 * 60);
// How long a request id is remembered: a client that was offline over a long weekend may still repeat.
inline constexpr absl::Duration kRequestIdRetention = absl::Hours(72);
// Years that dates may lie in.
inline constexpr int kYearMin = 2000;
// Also bounds how far a due time can lie ahead.
inline constexpr int kYearMax = 2100;
// A period of statistics: twenty years.
inline constexpr int64_t kPeriodDaysMax = 20 * 366;

// --- Time limits of procedures ---------------------------------------------------------------------------------------
inline constexpr int64_t kMinutesPerWorkingDay = 480;
// A day of a limit in calendar days.
inline constexpr int64_t kMinutesPerCalendarDay = 1440;
// The longest limit, in calendar days and in months.
inline constexpr int64_t kLimitMinutesMax = 1000 * kMinutesPerCalendarDay;
inline constexpr int32_t kLimitMonthsMax = 120;
// Waits of one computation of a due time.
inline constexpr size_t kPausesMax = 1000;
// Intervals of one explanation: a limit of ten years, day by day with its sessions.
inline constexpr size_t kExplanationIntervalsMax = 20'000;
// How far ahead "due soon" looks.
inline constexpr int64_t kDueSoonMinutesDefault = 2 * kMinutesPerWorkingDay;
// About a working year.
inline constexpr int64_t kDueSoonMinutesMax = 250 * kMinutesPerWorkingDay;
// The answer to a petition (rule D28).
inline constexpr int64_t kPetitionWorkingDays = 15;

// --- Catalogue -------------------------------------------------------------------------------------------------------
// A national catalogue has some 6,000 procedures.
inline constexpr size_t kProceduresMax = 8'000;
// Versions of one procedure: it is revised a few times a year.
inline constexpr size_t kProcedureVersionsMax = 200;
// Rules of one version, by case, channel and area.
inline constexpr size_t kLimitRulesPerProcedureMax = 50;
// Fields of administration (lĩnh vực).
inline constexpr size_t kFieldsMax = 1'000;
// A province has some hundred offices. Columns of facts count names in 16 bits, so each of these stays below 65,535.
inline constexpr size_t kOfficesMax = 2'000;
// Units of all offices.
inline constexpr size_t kUnitsMax = 5'000;
// Officers of all units, those who have left included.
inline constexpr size_t kOfficersMax = 15'000;
// Versions of the calendar, all of which are kept in memory.
inline constexpr size_t kCalendarsMax = 1'000;
// Years of one calendar.
inline constexpr size_t kCalendarYearsMax = 60;
// Holidays and make-up days of one calendar.
inline constexpr size_t kCalendarDaysMax = 5'000;
// Rules for opening hours of one calendar, and of one office in it.
inline constexpr size_t kSessionRulesMax = 5'000;
inline constexpr size_t kSessionRulesPerOfficeMax = 200;
// Morning and afternoon, with room for an evening.
inline constexpr size_t kSessionsPerDayMax = 4;
// Schemes of evaluation.
inline constexpr size_t kSchemesMax = 50;
// One scheme as text.
inline constexpr size_t kSchemeBytesMax = 64 * 1024;
// Lines of one scheme.
inline constexpr size_t kIndicatorsPerSchemeMax = 100;
// Grades such as "excellent" and "good".
inline constexpr size_t kBandsPerSchemeMax = 20;
// Steps from a ratio, or from a count, to points.
inline constexpr size_t kStepsPerIndicatorMax = 20;
// Metrics that one indicator adds up.
inline constexpr size_t kMetricsPerIndicatorMax = 20;
// Most points of one indicator.
inline constexpr double kIndicatorPointsMax = 1'000;
// Largest target of a plan that counts; one that is a share goes up to 1.
inline constexpr double kPlanTargetMax = 1e9;
// Closed periods: a store of a city's offices closes some hundred a year.
inline constexpr size_t kClosingsMax = 5'000;

// --- CSV files -------------------------------------------------------------------------------------------------------
inline constexpr size_t kCsvCellBytesMax = 32 * 1024;
// One row, and what the reader holds back of a file at most.
inline constexpr size_t kCsvRowBytesMax = 256 * 1024;
// Cells of a row.
inline constexpr size_t kCsvColumnsMax = 256;

// --- Reading ---------------------------------------------------------------------------------------------------------
// Entries of a page: without a page_size, and at most.
inline constexpr int kPageSizeDefault = 50;
// More is cut to this, not refused.
inline constexpr int kPageSizeMax = 1000;
// A page of a list ends before it is larger; what an answer holds besides has room below kMessageBytesMax.
inline constexpr size_t kPageBytesMax = 3 * 1024 * 1024 + 512 * 1024;
// Values of one field of a filter.
inline constexpr size_t kFilterValuesMax = 200;
// What people type into a search box.
inline constexpr size_t kQueryBytesMax = 256;
// Codes that CODE_AMBIGUOUS lists.
inline constexpr size_t kAmbiguousMatchesShown = 5;
// Threads of the read pool, and tasks that may wait for them.
inline constexpr size_t kReadThreads = 4;
// Beyond this a read is refused at once.
inline constexpr size_t kReadQueueMax = 4096;

// --- Statistics ------------------------------------------------------------------------------------------------------
inline constexpr int kStatisticsMetricsMax = 128;
// Dimensions of one figure.
inline constexpr int kStatisticsGroupingsMax = 3;
// Groups times time buckets; as many as an answer carries.
inline constexpr size_t kStatisticsRowsMax = 20'000;
// Events recorded after a closing that CheckClosing lists; it counts them all.
inline constexpr size_t kLaterEventsShown = 500;
// Differences that VerifyFacts lists; it counts them all.
inline constexpr size_t kFactDifferencesShown = 1'000;
// Dossiers that are verified, or folded again after a change of rules, in one portion.
inline constexpr int64_t kVerifyPortion = 2'000;
// As many dossiers are in memory and in one commit.
inline constexpr int64_t kUpgradePortion = 500;
// Ten years.
inline constexpr int kWaitingDaysMax = 3'650;
// Columns as of earlier revisions that are kept in memory, and threads that make one.
inline constexpr size_t kAsOfViewsMax = 2;
// They read the disk while clerks work, so they are few.
inline constexpr size_t kAsOfThreads = 2;
// Figures have threads of their own: one that takes long must not keep look-ups waiting.
inline constexpr int kReportThreads = 2;

// --- The commit pipeline ---------------------------------------------------------------------------------------------
// Commands that wait for the writer: some tenths of a second of work.
inline constexpr size_t kCommitQueueMax = 16'384;
// The same in bytes: one command may be as large as a message.
inline constexpr size_t kCommitQueueBytesMax = 128 * 1024 * 1024;
// What one commit holds. Larger batches gain little per event and make each caller wait longer.
inline constexpr size_t kCommitBatchCommandsMax = 256;
// The same in bytes: one commit must not make the next callers wait for long.
inline constexpr size_t kCommitBatchBytesMax = 16 * 1024 * 1024;
// Folded dossiers that the writer keeps in memory.
inline constexpr size_t kDossierCacheMax = 8'192;
// What clients are asked to wait when a queue is full: it empties in tenths of a second.
inline constexpr absl::Duration kQueueFullRetryDelay = absl::Milliseconds(200);
// What clients are asked to wait when the disk fails or the server stops.
inline constexpr absl::Duration kReadOnlyRetryDelay = absl::Seconds(5);
// Dossiers that are moved to another calendar in one commit.
inline constexpr size_t kRecomputePortion = 200;
// Request ids past their retention are deleted in portions of this many revisions, at most once in the interval.
inline constexpr size_t kRequestSweepMax = 2'000;
// Keeps the sweep from scanning with every commit.
inline constexpr absl::Duration kRequestSweepInterval = absl::Minutes(1);

// --- The store on disk -----------------------------------------------------------------------------------------------
// What one commit of a migration rewrites, in dossiers and in bytes of their records.
inline constexpr size_t kMigrationPortion = 1'000;
// Reached first by stores with long histories.
inline constexpr size_t kMigrationBytes = 8 * 1024 * 1024;
// Recovery after a kill takes about 25 µs for each event that is still only in the write-ahead log.
inline constexpr size_t kWriteBufferBytesDefault = 48 * 1024 * 1024;
// Bounds the time of a start after a kill.
inline constexpr size_t kWriteBufferBytesMax = 64 * 1024 * 1024;
// What reads keep of the disk.
inline constexpr size_t kBlockCacheBytesDefault = 64 * 1024 * 1024;
// Threads of a start.
inline constexpr int kFactScanThreadsMax = 16;
// The snapshot of facts: how often it is checked whether a new one is worth writing, and after how many revisions it is
// (at least so many, and one for each so many dossiers).
inline constexpr absl::Duration kFactSnapshotInterval = absl::Minutes(1);
// Catching up with so many takes some seconds at a start.
inline constexpr int64_t kFactSnapshotRevisions = 100'000;
// A twentieth of the rows: catching up must stay cheaper than reading all.
inline constexpr int64_t kFactSnapshotRowsShare = 20;
// Dossiers that are copied at once, while commits wait: about a millisecond.
inline constexpr size_t kFactChunkRows = 8'192;
// Written between two syncs.
inline constexpr int64_t kFactSnapshotSyncBytes = 8 * 1024 * 1024;
// An upper estimate of what a dossier takes there, and the space that must be left on the disk besides.
inline constexpr uint64_t kFactSnapshotBytesPerRow = 256;
// Room for the commits of the next days.
inline constexpr uint64_t kFactSnapshotSpareBytes = 256 * 1024 * 1024;

// --- The change feed -------------------------------------------------------------------------------------------------
// Streams that watch at the same time, and what one message of a stream holds.
inline constexpr size_t kWatchersMax = 256;
// More are sent in the next message.
inline constexpr size_t kWatchMessageChangesMax = 1000;
// A single command may be larger, see kCommandBytesMax.
inline constexpr size_t kWatchMessageBytesMax = 1024 * 1024;
// After this long without a change a stream reports the revision that it has reached.
inline constexpr absl::Duration kWatchProgressInterval = absl::Seconds(10);

// --- The mirror ------------------------------------------------------------------------------------------------------
inline constexpr size_t kMirrorTargetsMax = 16;
// "dvcqg" and the like; part of keys on disk.
inline constexpr size_t kMirrorTargetIdBytesMax = 63;
// A SHA-256, or one in hexadecimal.
inline constexpr size_t kMirrorDigestBytesMax = 64;
// How long a client holds a target between two renewals.
inline constexpr absl::Duration kMirrorLeaseDefault = absl::Seconds(20);
// Shorter ones would end while a client waits for its disk.
inline constexpr absl::Duration kMirrorLeaseMin = absl::Seconds(2);
// Longer ones would keep another client out for too long after a crash.
inline constexpr absl::Duration kMirrorLeaseMax = absl::Minutes(10);
// One page of deliveries, and one call that records outcomes: about a millisecond of the writer.
inline constexpr int kMirrorDeliveriesPageMax = 200;
// The same in bytes; a delivery has a whole dossier.
inline constexpr size_t kMirrorDeliveriesBytesMax = 2 * 1024 * 1024;
// Outcomes of one call.
inline constexpr size_t kMirrorOutcomesMax = 200;
// Items that one call retries.
inline constexpr size_t kMirrorRetryPortion = 1'000;
// Kept for each dossier and target.
inline constexpr size_t kMirrorExchangesMax = 4;
// What is kept of a call to a target, for people who look into a parked item; longer texts are cut.
inline constexpr size_t kMirrorRequestBytesMax = 16 * 1024;
// Answers are shorter than requests, or they are pages of HTML.
inline constexpr size_t kMirrorResponseBytesMax = 8 * 1024;
// Error texts and addresses of a call.
inline constexpr size_t kMirrorErrorBytesMax = 1024;
// A compaction of the feed waits for a target that is no further behind than so many revisions, and warns from here on.
inline constexpr int64_t kMirrorHoldRevisionsMax = 1'000'000;
// From here on the log warns.
inline constexpr int64_t kMirrorHoldRevisionsWarning = 800'000;
// Revisions that one task moves the position over. The next task goes on, so that other reads get a thread in between.
inline constexpr int64_t kMirrorAdvancePortion = 2'000;
// Items that one page of ListMirrorItems looks at for those with one error reason.
inline constexpr size_t kMirrorItemsScannedMax = 2'000;

// --- tthc-sync -------------------------------------------------------------------------------------------------------
// Targets of one tthc-sync.
inline constexpr size_t kSyncTargetsMax = 8;
// Calls that run at the same time against one target.
inline constexpr int kSyncWorkersDefault = 8;
// More would burden a portal that many centers share.
inline constexpr int kSyncWorkersMax = 64;
// Deliveries held in memory for each worker, under way or next.
inline constexpr int kSyncDeliveriesPerWorker = 4;
// The same in bytes.
inline constexpr size_t kSyncWindowBytesMax = 64 * 1024 * 1024;
// How often pending deliveries are asked for when none are left.
inline constexpr absl::Duration kSyncPollInterval = absl::Seconds(5);
// Between the attempts of one item: exponential with full jitter, see backoff.h.
inline constexpr absl::Duration kSyncRetryDelayFirst = absl::Seconds(1);
// Also the longest time until an item is tried again after an outage.
inline constexpr absl::Duration kSyncRetryDelayMax = absl::Minutes(1);
// The longest Retry-After of a target that is honored, and the longest wait after refused logins.
inline constexpr absl::Duration kSyncRetryAfterMax = absl::Hours(1);
// Consecutive failures after which the circuit breaker opens.
inline constexpr int kSyncFailuresBeforeOpen = 5;
// Failed attempts after which an item is parked for people to look at.
inline constexpr int kSyncAttemptsMax = 8;
// To connect, TLS included.
inline constexpr absl::Duration kSyncConnectTimeout = absl::Seconds(10);
// For a whole call: longer than the usual time-out of a gateway, a minute.
inline constexpr absl::Duration kSyncCallTimeout = absl::Seconds(75);
// The longest answer that is read.
inline constexpr size_t kSyncResponseBytesMax = 4 * 1024 * 1024;
// Steps that a profile may put into one call.
inline constexpr int kSyncStepsPerCallMax = 100;
// A configuration or a profile as text.
inline constexpr size_t kSyncConfigBytesMax = 256 * 1024;
// A file with a password.
inline constexpr size_t kSyncSecretBytesMax = 4 * 1024;

// --- The server ------------------------------------------------------------------------------------------------------
// How long a stop waits for calls that are being answered.
inline constexpr absl::Duration kShutdownGrace = absl::Seconds(10);
// And for answers that are being written to the sockets.
inline constexpr absl::Duration kHangUpGrace = absl::Milliseconds(250);
// A call without a deadline, or with a later one, gets this one.
inline constexpr absl::Duration kRequestDeadlineMax = absl::Seconds(60);
// Above this gRPC itself refuses a message, with its own text. Up to here the server does, with reason and field.
inline constexpr size_t kTransportMessageBytesMax = 2 * kMessageBytesMax;
// HTTP/2 peers accept 8 KiB of headers by default, and error details travel there in base64.
inline constexpr size_t kErrorDetailsBytesMax = 4 * 1024;
// Longer texts are cut: they travel in headers, too.
inline constexpr size_t kErrorMessageBytesMax = 512;
// Missing required fields that one error names.
inline constexpr size_t kMissingFieldsMax = 20;
// Calls of one connection at the same time.
inline constexpr int kCallsPerConnectionMax = 4096;
// Memory of gRPC for messages, and its threads.
inline constexpr size_t kRpcMemoryBytesMax = 512 * 1024 * 1024;
// Threads that gRPC may start.
inline constexpr int kRpcThreadsMax = 256;
// A connection without traffic is probed this often, so that those behind a dead router are closed.
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(60);
// How long the answer to such a probe may take.
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

// --- The client ------------------------------------------------------------------------------------------------------
// Retries of one call: how often, with which waits between, and for how long in all.
inline constexpr int kClientAttemptsMax = 6;
// Exponential with full jitter, see backoff.h.
inline constexpr absl::Duration kClientRetryDelayFirst = absl::Milliseconds(100);
// The longest wait between two attempts.
inline constexpr absl::Duration kClientRetryDelayMax = absl::Seconds(5);
// A person is waiting in front of the screen.
inline constexpr absl::Duration kClientRetryTotalMax = absl::Seconds(30);
// For one attempt.
inline constexpr absl::Duration kClientCallDeadline = absl::Seconds(15);
// Commands of one append stream that a client sends ahead of the acknowledgments.
inline constexpr size_t kClientStreamWindow = 1024;
// Answers of a newer server may be larger than those of this one.
inline constexpr size_t kClientMessageBytesMax = 64 * 1024 * 1024;
// Files that a command reads whole.
inline constexpr size_t kClientFileBytesMax = 64 * 1024 * 1024;
// Dossiers of one sample.
inline constexpr int kSampleDossiersMax = 200'000;

}  // namespace tthc::limits
