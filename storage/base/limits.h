#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// Every bound of the system, in one place (law 10). A test walks the API against them.
namespace tthc::limits {

// --- Texts and resources, bytes of UTF-8 unless said -----------------------------------------------------------------
inline constexpr size_t kShortTextBytesMax = 512;
inline constexpr size_t kLongTextBytesMax = 8 * 1024;
inline constexpr size_t kCodeBytesMax = 96;
inline constexpr size_t kResourceNameBytesMax = 128;
inline constexpr size_t kRequestIdBytesMax = 64;
inline constexpr size_t kAliasesPerDossierMax = 16;
inline constexpr size_t kDocumentsPerDossierMax = 200;
inline constexpr size_t kEventsPerDossierMax = 1000;
inline constexpr size_t kPetitionsPerDossierMax = 100;
inline constexpr size_t kAmendmentsPerDossierMax = 50;
// Folded; far below what one answer can carry.
inline constexpr size_t kDossierBytesMax = 1024 * 1024;
// Larger than any fee of the state; sums of a dossier's payments stay far from overflow.
inline constexpr int64_t kVndMax = 1'000'000'000'000'000;

// --- Commands --------------------------------------------------------------------------------------------------------
inline constexpr size_t kEventsPerCreateMax = 64;
inline constexpr size_t kEventsPerBatchMax = 1000;
inline constexpr size_t kMessageBytesMax = 4 * 1024 * 1024;
// What one command writes to the log: the feed carries it in one message.
inline constexpr size_t kCommandBytesMax = 3 * 1024 * 1024;
inline constexpr size_t kBatchGetMax = 1000;
inline constexpr size_t kStreamInFlightMax = 4096;
inline constexpr size_t kStreamInFlightBytesMax = 32 * 1024 * 1024;

// --- Times -----------------------------------------------------------------------------------------------------------
// A client's clock may run ahead so much.
inline constexpr absl::Duration kFutureSkewMax = absl::Minutes(2);
// Entered later than this after it happened, an event is marked as a late entry ...
inline constexpr absl::Duration kLateEntryThreshold = absl::Hours(1);
// ... and refused beyond this, unless it is imported.
inline constexpr absl::Duration kLateEntryMax = absl::Hours(24 * 60);
inline constexpr absl::Duration kRequestIdRetention = absl::Hours(72);
inline constexpr int kYearMin = 2000;
inline constexpr int kYearMax = 2100;
// A period of statistics: twenty years.
inline constexpr int64_t kPeriodDaysMax = 20 * 366;

// --- Time limits of procedures ---------------------------------------------------------------------------------------
inline constexpr int64_t kMinutesPerWorkingDay = 480;
inline constexpr int64_t kMinutesPerCalendarDay = 1440;
inline constexpr int64_t kLimitMinutesMax = 1000 * kMinutesPerCalendarDay;
inline constexpr int32_t kLimitMonthsMax = 120;
inline constexpr size_t kPausesMax = 1000;
inline constexpr size_t kExplanationIntervalsMax = 20'000;
inline constexpr int64_t kDueSoonMinutesDefault = 2 * kMinutesPerWorkingDay;
inline constexpr int64_t kDueSoonMinutesMax = 250 * kMinutesPerWorkingDay;
inline constexpr int64_t kPetitionWorkingDays = 15;

// --- Catalogue -------------------------------------------------------------------------------------------------------
// A list of the catalogue is one answer: whole, it must fit kMessageBytesMax.
inline constexpr size_t kProceduresMax = 8'000;
inline constexpr size_t kProcedureVersionsMax = 200;
inline constexpr size_t kLimitRulesPerProcedureMax = 50;
inline constexpr size_t kFieldsMax = 1'000;
inline constexpr size_t kOfficesMax = 2'000;
inline constexpr size_t kUnitsMax = 5'000;
inline constexpr size_t kOfficersMax = 15'000;
inline constexpr size_t kCalendarsMax = 1'000;
inline constexpr size_t kCalendarYearsMax = 60;
inline constexpr size_t kCalendarDaysMax = 5'000;
inline constexpr size_t kSessionRulesMax = 5'000;
inline constexpr size_t kSessionRulesPerOfficeMax = 200;
inline constexpr size_t kSessionsPerDayMax = 4;
// Schemes of evaluation, in one answer like every list.
inline constexpr size_t kSchemesMax = 50;
inline constexpr size_t kSchemeBytesMax = 64 * 1024;
inline constexpr size_t kIndicatorsPerSchemeMax = 100;
inline constexpr size_t kBandsPerSchemeMax = 20;
inline constexpr size_t kStepsPerIndicatorMax = 20;
inline constexpr size_t kMetricsPerIndicatorMax = 20;
inline constexpr double kIndicatorPointsMax = 1'000;
inline constexpr double kPlanTargetMax = 1e9;
// Closed periods: a store of a city's offices closes some hundred a year.
inline constexpr size_t kClosingsMax = 5'000;

// --- CSV files -------------------------------------------------------------------------------------------------------
inline constexpr size_t kCsvCellBytesMax = 32 * 1024;
inline constexpr size_t kCsvRowBytesMax = 256 * 1024;
inline constexpr size_t kCsvColumnsMax = 256;

// --- Reading ---------------------------------------------------------------------------------------------------------
inline constexpr int kPageSizeDefault = 50;
inline constexpr int kPageSizeMax = 1000;
inline constexpr size_t kFilterValuesMax = 200;
inline constexpr size_t kQueryBytesMax = 256;
inline constexpr size_t kAmbiguousMatchesShown = 5;
inline constexpr size_t kReadThreads = 4;
inline constexpr size_t kReadQueueMax = 4096;

// --- Statistics ------------------------------------------------------------------------------------------------------
inline constexpr int kStatisticsMetricsMax = 128;
inline constexpr int kStatisticsGroupingsMax = 3;
// Groups times stretches of time; as many as an answer carries.
inline constexpr size_t kStatisticsRowsMax = 20'000;
inline constexpr size_t kLaterEventsShown = 500;
inline constexpr size_t kFactDifferencesShown = 1'000;
inline constexpr int64_t kVerifyPortion = 2'000;
inline constexpr int64_t kUpgradePortion = 500;
inline constexpr int kWaitingDaysMax = 3'650;
// Columns as of earlier revisions that are kept in memory, and threads that make one.
inline constexpr size_t kAsOfViewsMax = 2;
inline constexpr size_t kAsOfThreads = 2;
// Figures are asked by few, and one that takes long must not keep look-ups waiting.
inline constexpr int kReportThreads = 2;

// --- The commit pipeline ---------------------------------------------------------------------------------------------
inline constexpr size_t kCommitQueueMax = 16'384;
inline constexpr size_t kCommitQueueBytesMax = 128 * 1024 * 1024;
inline constexpr size_t kCommitBatchCommandsMax = 256;
inline constexpr size_t kCommitBatchBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kDossierCacheMax = 8'192;
inline constexpr absl::Duration kQueueFullRetryDelay = absl::Milliseconds(200);
inline constexpr absl::Duration kReadOnlyRetryDelay = absl::Seconds(5);
inline constexpr size_t kRecomputePortion = 200;
// Remembered requests older than their retention go in portions of this many revisions, at most so often.
inline constexpr size_t kRequestSweepMax = 2'000;
inline constexpr absl::Duration kRequestSweepInterval = absl::Minutes(1);

// --- The store on disk -----------------------------------------------------------------------------------------------
// Recovery after a kill takes about 25 µs for each event that is still only in the write-ahead log.
inline constexpr size_t kWriteBufferBytesDefault = 48 * 1024 * 1024;
inline constexpr size_t kWriteBufferBytesMax = 64 * 1024 * 1024;
inline constexpr size_t kBlockCacheBytesDefault = 64 * 1024 * 1024;
inline constexpr int kFactScanThreadsMax = 16;
// The snapshot of facts: how often a new one is thought of, and after how many revisions it is worth it (at least so
// many, and one for each so many dossiers).
inline constexpr absl::Duration kFactSnapshotInterval = absl::Minutes(1);
inline constexpr int64_t kFactSnapshotRevisions = 100'000;
inline constexpr int64_t kFactSnapshotRowsShare = 20;
// Dossiers that are copied in one piece, while commits wait; about a millisecond.
inline constexpr size_t kFactChunkRows = 8'192;
inline constexpr int64_t kFactSnapshotSyncBytes = 8 * 1024 * 1024;
// More than a dossier takes there, and what must be left on the disk besides.
inline constexpr uint64_t kFactSnapshotBytesPerRow = 256;
inline constexpr uint64_t kFactSnapshotSpareBytes = 256 * 1024 * 1024;

// --- The change feed -------------------------------------------------------------------------------------------------
inline constexpr size_t kWatchersMax = 256;
inline constexpr size_t kWatchMessageChangesMax = 1000;
inline constexpr size_t kWatchMessageBytesMax = 1024 * 1024;
inline constexpr absl::Duration kWatchProgressInterval = absl::Seconds(10);

// --- The mirror ------------------------------------------------------------------------------------------------------
inline constexpr size_t kMirrorTargetsMax = 16;
inline constexpr absl::Duration kMirrorLeaseDefault = absl::Seconds(20);
inline constexpr absl::Duration kMirrorLeaseMin = absl::Seconds(2);
inline constexpr absl::Duration kMirrorLeaseMax = absl::Minutes(10);
inline constexpr int kMirrorDeliveriesPageMax = 200;
inline constexpr size_t kMirrorDeliveriesBytesMax = 2 * 1024 * 1024;
inline constexpr size_t kMirrorOutcomesMax = 200;
inline constexpr size_t kMirrorRetryPortion = 1'000;
// Kept for each dossier and target.
inline constexpr size_t kMirrorExchangesMax = 4;
inline constexpr size_t kMirrorRequestBytesMax = 16 * 1024;
inline constexpr size_t kMirrorResponseBytesMax = 8 * 1024;
inline constexpr size_t kMirrorErrorBytesMax = 1024;
// A compaction of the feed waits for a target that is no further behind than so many revisions, and warns from here on.
inline constexpr int64_t kMirrorHoldRevisionsMax = 1'000'000;
inline constexpr int64_t kMirrorHoldRevisionsWarning = 800'000;
// Revisions that the position is moved over at a time.
inline constexpr int64_t kMirrorAdvancePortion = 2'000;

// --- tthc-sync -------------------------------------------------------------------------------------------------------
inline constexpr size_t kSyncTargetsMax = 8;
inline constexpr int kSyncLanesDefault = 8;
inline constexpr int kSyncLanesMax = 64;
// Deliveries held in memory for each lane, under way or next.
inline constexpr int kSyncDeliveriesPerLane = 4;
inline constexpr size_t kSyncWindowBytesMax = 64 * 1024 * 1024;
inline constexpr absl::Duration kSyncPollInterval = absl::Seconds(5);
inline constexpr absl::Duration kSyncRetryDelayFirst = absl::Seconds(1);
inline constexpr absl::Duration kSyncRetryDelayMax = absl::Minutes(1);
// A target may ask for more patience than that, within reason.
inline constexpr absl::Duration kSyncRetryAfterMax = absl::Hours(1);
inline constexpr int kSyncFailuresBeforeOpen = 5;
inline constexpr int kSyncAttemptsMax = 8;
inline constexpr absl::Duration kSyncConnectTimeout = absl::Seconds(10);
inline constexpr absl::Duration kSyncCallTimeout = absl::Seconds(75);
inline constexpr size_t kSyncResponseBytesMax = 4 * 1024 * 1024;
inline constexpr int kSyncStepsPerCallMax = 100;
inline constexpr size_t kSyncConfigBytesMax = 256 * 1024;
inline constexpr size_t kSyncSecretBytesMax = 4 * 1024;

// --- The server ------------------------------------------------------------------------------------------------------
inline constexpr absl::Duration kShutdownGrace = absl::Seconds(10);
// For answers still on their way into the sockets.
inline constexpr absl::Duration kHangUpGrace = absl::Milliseconds(250);
inline constexpr absl::Duration kRequestDeadlineMax = absl::Seconds(60);
// Refused by the transport, without our words; up to here with them.
inline constexpr size_t kTransportMessageBytesMax = 2 * kMessageBytesMax;
// HTTP/2 peers take 8 KiB of headers by default, and details travel there in base64.
inline constexpr size_t kErrorDetailsBytesMax = 4 * 1024;
inline constexpr size_t kErrorMessageBytesMax = 512;
inline constexpr int kCallsPerConnectionMax = 4096;
inline constexpr size_t kRpcMemoryBytesMax = 512 * 1024 * 1024;
inline constexpr int kRpcThreadsMax = 256;
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(60);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

// --- The client ------------------------------------------------------------------------------------------------------
inline constexpr int kClientAttemptsMax = 6;
inline constexpr absl::Duration kClientRetryDelayFirst = absl::Milliseconds(100);
inline constexpr absl::Duration kClientRetryDelayMax = absl::Seconds(5);
inline constexpr absl::Duration kClientRetryTotalMax = absl::Seconds(30);
inline constexpr absl::Duration kClientCallDeadline = absl::Seconds(15);
inline constexpr size_t kClientStreamWindow = 1024;
inline constexpr size_t kClientMessageBytesMax = 64 * 1024 * 1024;
inline constexpr size_t kClientFileBytesMax = 64 * 1024 * 1024;
inline constexpr int kSampleDossiersMax = 200'000;

}  // namespace tthc::limits
