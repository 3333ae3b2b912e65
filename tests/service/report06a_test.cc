#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/domain/lifecycle.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/random_center.h"
#include "tests/testing/random_year.h"
#include "tests/testing/scripted_center.h"
#include "tests/testing/seed.h"
#include "tests/testing/statistics_queries.h"

// Law 5 and form 06a: what must hold between its columns, whatever happened; a quarter worked out by hand; closings.
namespace tthc::server {
namespace {

using testing::AmendmentOf;
using testing::At;
using testing::Between;
using testing::Bucket;
using testing::LinesOf;
using testing::Preset;
using testing::RandomQuestions;
using testing::RandomYear;
using testing::RecordedHistory;
using testing::Same;
using testing::SampleEvent;
using testing::ScriptedCenter;
using testing::ServiceFixture;
using testing::ValueOrDie;
using testing::VoidOf;
using Row = v1::Report06aRow;

// Columns 3 to 13.
std::vector<int64_t> ColumnsOf(const Row& row) {
  return {row.received_count(), row.received_online_count(), row.received_direct_count(),  row.carried_over_count(),
          row.resolved_count(), row.resolved_early_count(),  row.resolved_on_time_count(), row.resolved_late_count(),
          row.open_count(),     row.open_in_term_count(),    row.open_overdue_count()};
}

void ExpectIdentities(const Row& row) {
  SCOPED_TRACE(row.ShortDebugString());
  EXPECT_EQ(row.received_count(), row.received_online_count() + row.received_direct_count() + row.carried_over_count());
  EXPECT_EQ(row.resolved_count(),
            row.resolved_early_count() + row.resolved_on_time_count() + row.resolved_late_count());
  EXPECT_EQ(row.open_count(), row.open_in_term_count() + row.open_overdue_count());
  EXPECT_EQ(row.received_count(), row.resolved_count() + row.open_count());
}

bool IsField(const Row& row) { return !absl::StrContains(row.number(), "."); }

// Identities, and sums: fields make the total, procedures their field.
void ExpectLaw5(const v1::Report06a& report, bool by_procedure) {
  ExpectIdentities(report.total());
  std::vector<int64_t> of_fields(11);
  std::map<std::string, std::vector<int64_t>> of_field;
  for (const Row& row : report.rows()) {
    ExpectIdentities(row);
    const std::vector<int64_t> columns = ColumnsOf(row);
    const std::string field = std::string(row.number().substr(0, row.number().find('.')));
    std::vector<int64_t>& sum = IsField(row) ? of_fields : of_field.try_emplace(field, 11).first->second;
    for (size_t i = 0; i < columns.size(); ++i) sum[i] += columns[i];
  }
  EXPECT_EQ(of_fields, ColumnsOf(report.total()));
  for (const Row& row : report.rows()) {
    if (IsField(row) && by_procedure) {
      EXPECT_EQ(of_field[row.number()], ColumnsOf(row)) << row.ShortDebugString();
    }
  }
}

v1::Report06a Ask(ServiceFixture& fixture, const v1::ComputeReport06aRequest& request) {
  const auto report = fixture.Call<v1::Report06a>(request);
  EXPECT_TRUE(report.ok()) << report.status() << " " << request.ShortDebugString();
  return report.ok() ? *report : v1::Report06a();
}

// --- The quarter by hand ---------------------------------------------------------------------------------------------

// tests/data/06a-quarter.txt.
struct Line {
  absl::Time when;
  absl::Time recorded;
  std::string event;
  std::string argument;
};
struct StoryDossier {
  std::string id;
  std::string procedure;
  v1::Channel channel = v1::CHANNEL_COUNTER;
  std::string office = testing::kOffice;
  std::string columns = {};
  std::vector<Line> lines = {};
};

StoryDossier ReadDossier(const std::vector<std::string>& words) {
  static const auto& channels = *new std::map<std::string, v1::Channel>{
      {"counter", v1::CHANNEL_COUNTER}, {"online", v1::CHANNEL_ONLINE}, {"post", v1::CHANNEL_POST}};
  StoryDossier dossier{.id = words[1], .procedure = "procedures/" + words[2], .channel = channels.at(words[3])};
  for (size_t i = 4; i < words.size(); ++i) {
    absl::string_view word = words[i];
    if (absl::ConsumePrefix(&word, "office=")) dossier.office = std::string(word);
    if (absl::ConsumePrefix(&word, "columns=")) dossier.columns = std::string(word);
  }
  return dossier;
}

std::vector<StoryDossier> ReadStory() {
  std::vector<StoryDossier> dossiers;
  for (const absl::string_view text : absl::StrSplit(testing::ReadSourceFile("tests/data/06a-quarter.txt"), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
    if (words.empty() || words[0] == "#") continue;
    if (words[0] == "dossier") {
      dossiers.push_back(ReadDossier(words));
      continue;
    }
    Line line{.when = At(words[0]), .recorded = At(words[0]), .event = words[1], .argument = ""};
    for (size_t i = 2; i < words.size(); ++i) {
      absl::string_view word = words[i];
      if (absl::ConsumePrefix(&word, "recorded=")) {
        line.recorded = At(word);
      } else {
        line.argument = words[i];
      }
    }
    dossiers.back().lines.push_back(line);
  }
  return dossiers;
}

v1::Event::PayloadCase KindOf(const std::string& name) {
  for (int number = domain::kFirstEvent; number <= domain::kLastEvent; ++number) {
    const auto kind = static_cast<v1::Event::PayloadCase>(number);
    if (domain::EventName(kind) == name) return kind;
  }
  ADD_FAILURE() << "no event is called " << name;
  return v1::Event::PAYLOAD_NOT_SET;
}

v1::Request RequestOf(const StoryDossier& dossier) {
  v1::Request request = testing::SampleRequest(dossier.procedure);
  request.set_channel(dossier.channel);
  request.set_office(dossier.office);
  return request;
}

v1::Event EventOf(const StoryDossier& dossier, const Line& line) {
  v1::Event event = SampleEvent(KindOf(line.event));
  if (event.has_accepted()) *event.mutable_accepted()->mutable_request() = RequestOf(dossier);
  if (event.has_submitted()) *event.mutable_submitted()->mutable_request() = RequestOf(dossier);
  if (event.has_intake_refused()) event.mutable_intake_refused()->clear_request();
  if (event.has_rescheduled()) *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(At(line.argument));
  if (line.argument == "refused") {
    event.mutable_finished()->set_result(v1::Finished::RESULT_REFUSED);
    event.mutable_finished()->set_reason("không đủ điều kiện");
  }
  *event.mutable_occur_time() = ToProto(line.when);
  return event;
}

// "voided <event>" takes one back; "moved_online" puts the channel right.
v1::Event CorrectionOf(ScriptedCenter& center, const std::string& name, const Line& line) {
  if (line.event == "voided") return VoidOf(center.EventOf(name, KindOf(line.argument)).revision());
  v1::Event accepted = center.EventOf(name, v1::Event::kAccepted);
  accepted.mutable_accepted()->mutable_request()->set_channel(v1::CHANNEL_ONLINE);
  return AmendmentOf(accepted.revision(), accepted);
}

// Records the story in the order in which it was written down.
void Record(ScriptedCenter& center, const std::vector<StoryDossier>& story) {
  std::vector<std::pair<const StoryDossier*, const Line*>> lines;
  for (const StoryDossier& dossier : story) {
    for (const Line& line : dossier.lines) lines.emplace_back(&dossier, &line);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.second->recorded < b.second->recorded; });
  std::map<std::string, std::string> names;
  for (const auto& [dossier, line] : lines) {
    std::string& name = names[dossier->id];
    center.fixture().clock().Set(line->recorded);
    if (line->event == "voided" || line->event == "moved_online") {
      name = center.fixture().MustAppend(name, CorrectionOf(center, name, *line)).name();
      continue;
    }
    const v1::Event event = EventOf(*dossier, *line);
    const v1::Dossier now =
        name.empty() ? center.fixture().MustCreate({event}) : center.fixture().MustAppend(name, event);
    name = now.name();
  }
  center.SetNow("2026-09-20T08:00");
}

// As tests/data/06a-quarter.csv has it.
std::vector<std::string> CsvLinesOf(const v1::Report06a& report) {
  std::vector<std::string> lines;
  const auto add = [&](const Row& row) {
    lines.push_back(
        absl::StrCat(report.office(), ",", row.number(), ",", row.name(), ",", absl::StrJoin(ColumnsOf(row), ",")));
  };
  for (const Row& row : report.rows()) add(row);
  add(report.total());
  return lines;
}

TEST(Report06aQuarter, EqualsTheOneThatWasWorkedOutByHand) {
  ScriptedCenter center("2026-06-01T07:30");
  Record(center, ReadStory());
  std::vector<std::string> golden =
      absl::StrSplit(testing::ReadSourceFile("tests/data/06a-quarter.csv"), '\n', absl::SkipEmpty());
  golden.erase(golden.begin());
  std::vector<std::string> answered;
  for (const char* office : {"", testing::kOffice, testing::kOtherOffice}) {
    v1::ComputeReport06aRequest request;
    *request.mutable_period() = Preset("q3/2026");
    request.set_office(office);
    request.set_by_procedure(true);
    const v1::Report06a report = Ask(center.fixture(), request);
    EXPECT_EQ(FormatRfc3339(FromProto(report.basis().period().start_time())), "2026-06-15T00:00:00+07:00");
    EXPECT_EQ(FormatRfc3339(FromProto(report.basis().evaluate_time())), "2026-09-14T23:59:59+07:00");
    ExpectLaw5(report, true);
    for (const std::string& line : CsvLinesOf(report)) answered.push_back(line);
  }
  EXPECT_TRUE(Same(golden, answered));
}

TEST(Report06aQuarter, EveryDossierCountsInTheColumnsOfItsStory) {
  for (const StoryDossier& dossier : ReadStory()) {
    SCOPED_TRACE(dossier.id);
    ScriptedCenter center("2026-06-01T07:30");
    Record(center, {dossier});
    v1::ComputeReport06aRequest request;
    *request.mutable_period() = Preset("q3/2026");
    const std::vector<int64_t> columns = ColumnsOf(Ask(center.fixture(), request).total());
    std::vector<std::string> stands_in;
    for (const int column : {4, 5, 6, 8, 9, 10, 12, 13}) {
      const int64_t count = columns[static_cast<size_t>(column - 3)];
      EXPECT_TRUE(count == 0 || count == 1);
      if (count == 1) stands_in.push_back(absl::StrCat(column));
    }
    EXPECT_EQ(absl::StrJoin(stands_in, ","), dossier.columns);
  }
}

// --- Law 5 on random histories ---------------------------------------------------------------------------------------

TEST(Law5, HoldsOnEveryRowOfEveryReportAsOfAnyMoment) {
  const uint64_t seed = testing::TestSeed();
  for (uint64_t i = 0; i < 25; ++i) {
    ServiceFixture fixture({.now = testing::RandomYearOptions().start});
    RandomYear year(seed + i, &fixture, {});
    year.Run();
    const RecordedHistory history = testing::ReadHistory(fixture);
    RandomQuestions questions(&year, &history);
    for (int asked = 0; asked < 12; ++asked) {
      v1::ComputeReport06aRequest request;
      *request.mutable_period() = questions.Period();
      request.set_by_procedure(year.Chance(60));
      if (year.Chance(30)) request.set_office(year.Chance(50) ? testing::kOffice : testing::kOtherOffice);
      *request.mutable_as_of() = questions.AsOf(fixture.clock().Now());
      SCOPED_TRACE(absl::StrCat("TTHC_TEST_SEED=", seed + i, " ", request.ShortDebugString()));
      const v1::Report06a report = Ask(fixture, request);
      ExpectLaw5(report, request.by_procedure());
      const testing::StatisticsOracle oracle = testing::OracleFor(history, request.as_of(), fixture.clock().Now());
      *request.mutable_period() = report.basis().period();
      ASSERT_TRUE(Same(LinesOf(oracle.Report(request)), LinesOf(report)));
      ASSERT_FALSE(::testing::Test::HasFailure());
    }
  }
}

TEST(Law5, TheReportHasTheFiguresOfTheQuery) {
  ServiceFixture fixture({.now = testing::RandomYearOptions().start});
  RandomYear year(testing::TestSeed(), &fixture, {.dossiers = 80});
  year.Run();
  for (const char* preset : {"q3/2026", "m7/2026", "2026", "h2/2026"}) {
    v1::QueryStatisticsRequest query;
    *query.mutable_period() = Preset(preset);
    for (const v1::Metric metric : {v1::METRIC_RECEIVED_ONLINE, v1::METRIC_CARRIED_OVER, v1::METRIC_ENDED,
                                    v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A,
                                    v1::METRIC_OPEN, v1::METRIC_OPEN_IN_TERM, v1::METRIC_OPEN_OVERDUE}) {
      query.add_metrics(metric);
    }
    query.add_group_by(v1::GROUP_BY_FIELD);
    std::map<std::string, std::vector<int64_t>> figures;
    const auto answer = ValueOrDie(fixture.Call<v1::QueryStatisticsResponse>(query));
    for (const v1::StatisticsRow& row : answer.rows()) {
      for (const v1::StatisticsValue& value : row.values()) figures[row.keys(0).name()].push_back(value.count());
    }
    v1::ComputeReport06aRequest request;
    *request.mutable_period() = Preset(preset);
    std::map<std::string, std::vector<int64_t>> columns;
    const v1::Report06a report = Ask(fixture, request);
    for (const Row& row : report.rows()) {
      columns[row.name()] = {
          row.received_online_count(),  row.carried_over_count(),  row.resolved_count(), row.resolved_early_count(),
          row.resolved_on_time_count(), row.resolved_late_count(), row.open_count(),     row.open_in_term_count(),
          row.open_overdue_count()};
    }
    EXPECT_EQ(columns, figures) << preset;
    EXPECT_FALSE(columns.empty());
  }
}

TEST(Law5, HoldsForAPeriodThatIsStillAhead) {
  ScriptedCenter center("2026-06-01T07:30");
  center.Open("2026-06-15T08:00", testing::AcceptedEvent());
  v1::ComputeReport06aRequest request;
  *request.mutable_period() = Preset("m12/2026");
  const v1::Report06a report = Ask(center.fixture(), request);
  ExpectLaw5(report, false);
  EXPECT_EQ(report.total().carried_over_count(), 1) << "open today, so far";
}

TEST(Law5, HoldsAsOfARevisionEvaluatedAtAnEarlierMoment) {
  ScriptedCenter center("2026-06-01T07:30");
  center.Finished("2026-06-15T08:00", "2026-06-16T08:00");
  center.Finished("2026-06-17T08:00", "2026-06-18T08:00");
  center.Open("2026-06-19T08:00", testing::AcceptedEvent());
  v1::ComputeReport06aRequest request;
  *request.mutable_period() = Preset("m6/2026");
  request.mutable_as_of()->set_revision(center.fixture().head_revision());
  for (const char* evaluated :
       {"2026-06-15T07:00", "2026-06-15T09:00", "2026-06-16T09:00", "2026-06-17T09:00", "2026-06-19T09:00"}) {
    *request.mutable_as_of()->mutable_time() = ToProto(At(evaluated));
    for (const bool by_procedure : {false, true}) {
      request.set_by_procedure(by_procedure);
      const auto report = center.fixture().Call<v1::Report06a>(request);
      // Either no figures, or figures that hold together.
      if (report.ok()) {
        ExpectLaw5(*report, by_procedure);
      } else {
        EXPECT_EQ(ErrorReason(report.status()), "AS_OF_INVALID") << report.status();
      }
    }
  }
}

// --- Law 5: closed periods -------------------------------------------------------------------------------------------

// Which columns each dossier counts in, by its name today; "" where it counts in none.
std::map<int64_t, std::string> ColumnsByDossier(const RecordedHistory& history, int64_t revision,
                                                const Bucket& bucket) {
  static constexpr std::pair<int, v1::Metric> kColumns[] = {
      {4, v1::METRIC_RECEIVED_ONLINE}, {5, v1::METRIC_RECEIVED_AT_COUNTER}, {5, v1::METRIC_RECEIVED_BY_POST},
      {6, v1::METRIC_CARRIED_OVER},    {8, v1::METRIC_ENDED_EARLY_06A},     {9, v1::METRIC_ENDED_ON_TIME_06A},
      {10, v1::METRIC_ENDED_LATE_06A}, {12, v1::METRIC_OPEN_IN_TERM},       {13, v1::METRIC_OPEN_OVERDUE}};
  std::map<int64_t, std::string> columns;
  for (const std::vector<v1::Event>& events : history.dossiers) columns[events[0].revision()] = "";
  for (const testing::Life& life : testing::ReadLives(history, revision)) {
    std::vector<std::string> stands_in;
    for (const auto& [column, metric] : kColumns) {
      if (!testing::HitsOf(metric, life, bucket).empty()) stands_in.push_back(absl::StrCat(column));
    }
    columns[life.first_revision] = absl::StrJoin(stands_in, ", ");
  }
  return columns;
}

// What CheckClosing has to report of what was recorded since: "revision kind then -> now".
std::vector<std::string> ExpectedLaterEvents(const RecordedHistory& history, int64_t revision, const Bucket& bucket) {
  const auto then = ColumnsByDossier(history, revision, bucket);
  const auto now = ColumnsByDossier(history, history.head_revision(), bucket);
  std::map<int64_t, std::string> lines;
  for (const std::vector<v1::Event>& events : history.dossiers) {
    const int64_t first = events[0].revision();
    if (then.at(first) == now.at(first)) continue;
    for (const v1::Event& event : events) {
      if (event.revision() <= revision) continue;
      lines[event.revision()] = absl::StrCat(event.revision(), " ", domain::EventName(event.payload_case()), " ",
                                             then.at(first), " -> ", now.at(first));
    }
  }
  std::vector<std::string> expected;
  for (const auto& [at, line] : lines) expected.push_back(line);
  return expected;
}

class ClosedPeriod : public ::testing::Test {
 protected:
  void SetUp() override {
    // The quarter ends in the middle of the center's life.
    year_.RunUntil(At("2026-07-20T08:00"));
    period_ = Between("2026-05-15", "2026-07-15");
    fixture_.clock().Set(std::max(fixture_.clock().Now(), At("2026-07-20T08:00")));
  }

  v1::Closing Close(const std::string& office = "") {
    v1::ClosePeriodRequest request;
    *request.mutable_period() = period_;
    request.set_office(office);
    request.set_note("Báo cáo quý");
    return ValueOrDie(fixture_.Call<v1::Closing>(request));
  }
  // Reopens what ended in the period, and enters something that came in then.
  void PutThePastRight() {
    for (const v1::Dossier& dossier : AllDossiers()) {
      const bool ended = dossier.has_finish_time() && !dossier.has_return_time();
      if (!ended || dossier.finish_time().seconds() >= period_.end_time().seconds() || year_.Chance(50)) continue;
      for (const v1::Event& event : fixture_.MustListEvents(dossier.name())) {
        // Refused where something came after it.
        if (event.has_finished()) fixture_.Append(dossier.name(), VoidOf(event.revision())).status().IgnoreError();
      }
    }
    v1::Event late = testing::AcceptedEvent();
    *late.mutable_occur_time() = period_.start_time();
    late.set_imported(true);
    fixture_.MustCreate({late});
  }
  std::vector<v1::Dossier> AllDossiers() {
    v1::ListDossiersRequest request;
    request.set_page_size(1000);
    const auto listed = ValueOrDie(fixture_.List(request));
    return {listed.dossiers().begin(), listed.dossiers().end()};
  }
  v1::CheckClosingResponse Check(const std::string& name) {
    v1::CheckClosingRequest request;
    request.set_name(name);
    return ValueOrDie(fixture_.Call<v1::CheckClosingResponse>(request));
  }
  // Its figures, now and as of the closing.
  void ExpectItsFiguresAgain(const v1::Closing& closing) {
    v1::CheckClosingRequest request;
    request.set_name(closing.name());
    const auto answer = fixture_.Call<v1::CheckClosingResponse>(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    const v1::CheckClosingResponse& checked = *answer;
    EXPECT_TRUE(checked.digest_matches());
    EXPECT_EQ(checked.closing().DebugString(), closing.DebugString());
    // What things are called may have changed.
    EXPECT_EQ(LinesOf(checked.recomputed()), LinesOf(closing.report()));
    EXPECT_EQ(checked.recomputed().basis().DebugString(), closing.report().basis().DebugString());
    ExpectLaw5(checked.current(), true);
  }

  const uint64_t seed_ = testing::TestSeed();
  ServiceFixture fixture_{{.now = testing::RandomYearOptions().start}};
  RandomYear year_{seed_, &fixture_, {.dossiers = 80}};
  v1::Period period_;
};

TEST_F(ClosedPeriod, Law5GivesTheSameFiguresForEverAndExplainsWhyTodaysDiffer) {
  const v1::Closing closing = Close();
  EXPECT_TRUE(absl::StartsWith(closing.name(), "closings/")) << closing.name();
  EXPECT_EQ(closing.digest().size(), 64u);
  EXPECT_EQ(closing.note(), "Báo cáo quý");
  EXPECT_FALSE(closing.actor().empty());
  ExpectLaw5(closing.report(), true);
  EXPECT_GT(closing.report().total().received_count(), 10);
  const v1::CheckClosingResponse at_once = Check(closing.name());
  EXPECT_TRUE(at_once.digest_matches());
  EXPECT_EQ(at_once.later_event_count(), 0);
  EXPECT_EQ(LinesOf(at_once.current()), LinesOf(closing.report()));

  // The rest of the lives, with what is entered late and put right.
  year_.Run();
  PutThePastRight();
  ExpectItsFiguresAgain(closing);
  fixture_.Restart();
  ExpectItsFiguresAgain(closing);
  const v1::CheckClosingResponse later = Check(closing.name());
  EXPECT_NE(LinesOf(later.current()), LinesOf(closing.report())) << "nothing has changed: the test proves nothing";

  const RecordedHistory history = testing::ReadHistory(fixture_);
  const int64_t to = period_.end_time().seconds();
  const std::vector<std::string> expected =
      ExpectedLaterEvents(history, closing.report().basis().revision(),
                          {.from = period_.start_time().seconds(), .to = to, .evaluated = to - 1});
  std::vector<std::string> answered;
  for (const v1::LaterEvent& event : later.later_events()) {
    answered.push_back(absl::StrCat(event.revision(), " ", event.kind(), " ", event.columns_at_closing(), " -> ",
                                    event.columns_now()));
    EXPECT_FALSE(event.dossier().empty());
    EXPECT_FALSE(event.actor().empty());
    EXPECT_FALSE(event.kind() == "amended" && event.reason().empty());
    EXPECT_GE(FromProto(event.record_time()), FromProto(closing.record_time()));
  }
  EXPECT_TRUE(Same(expected, answered));
  EXPECT_EQ(later.later_event_count(), static_cast<int64_t>(expected.size()));
}

TEST(Closings, TheOldestLaterEventsAreShownWhenThereAreTooMany) {
  ScriptedCenter center;
  const std::string busy = center.Open("2026-06-15T08:00", testing::AcceptedEvent());
  const std::string other = center.Open("2026-06-15T08:00", testing::AcceptedEvent());
  center.SetNow("2026-07-01T08:00");
  v1::ClosePeriodRequest request;
  *request.mutable_period() = Preset("m6/2026");
  const v1::Closing closing = ValueOrDie(center.fixture().Call<v1::Closing>(request));
  center.Append(other, "2026-06-17T08:00", v1::Event::kFinished);
  const int64_t oldest = center.fixture().head_revision();
  center.Append(busy, "2026-06-17T08:00", v1::Event::kFinished);
  for (size_t i = 0; i < limits::kLaterEventsShown; ++i) center.Append(busy, "2026-07-01T09:00", v1::Event::kNoted);
  v1::CheckClosingRequest check;
  check.set_name(closing.name());
  const auto checked = ValueOrDie(center.fixture().Call<v1::CheckClosingResponse>(check));
  EXPECT_EQ(checked.later_event_count(), static_cast<int64_t>(limits::kLaterEventsShown) + 2);
  ASSERT_EQ(checked.later_events_size(), static_cast<int>(limits::kLaterEventsShown));
  EXPECT_EQ(checked.later_events(0).revision(), oldest);
  EXPECT_EQ(checked.later_events(0).columns_at_closing(), "5, 13");
  EXPECT_EQ(checked.later_events(0).columns_now(), "5, 8");
}

TEST_F(ClosedPeriod, Law5IsNotMovedByMergersNewNamesAndNewCalendars) {
  const v1::Closing all = Close();
  const v1::Closing one = Close(testing::kOffice);
  EXPECT_GT(one.name(), all.name()) << "in the order of closing";
  v1::ImportOfficesRequest update;
  *update.add_offices() = testing::SampleOffices()[1];
  update.mutable_offices(0)->set_successor(testing::kOffice);
  update.mutable_offices(0)->set_end_date("2026-06-20");
  *update.add_offices() = testing::SampleOffices()[0];
  update.mutable_offices(1)->set_display_name("UBND phường Hợp Tiến");
  *update.add_fields() = testing::SampleFields()[0];
  update.mutable_fields(0)->set_display_name("Tên khác");
  ValueOrDie(fixture_.Call<v1::ImportOfficesResponse>(update));
  v1::UpdateProcedureRequest procedure;
  *procedure.mutable_procedure() = testing::SampleProcedures()[0];
  procedure.mutable_procedure()->set_display_name("Tên mới");
  ValueOrDie(fixture_.Call<v1::Procedure>(procedure));
  v1::CreateCalendarRequest calendar;
  *calendar.mutable_calendar() = testing::SampleCalendarWithHoliday("2026-07-14");
  ValueOrDie(fixture_.Call<v1::Calendar>(calendar));
  v1::RecomputeDueTimesRequest recompute;
  recompute.set_reason("Thông báo nghỉ");
  testing::SyncStream stream(ValueOrDie(fixture_.Open<v1::RecomputeDueTimesResponse>(recompute)));
  while (ValueOrDie(stream.Next()).has_value()) {
  }
  // One that leaves out the year that was closed.
  calendar.mutable_calendar()->clear_days();
  calendar.mutable_calendar()->clear_years();
  calendar.mutable_calendar()->add_years(2027);
  ValueOrDie(fixture_.Call<v1::Calendar>(calendar));
  for (const bool restarted : {false, true}) {
    if (restarted) fixture_.Restart();
    ExpectItsFiguresAgain(all);
    ExpectItsFiguresAgain(one);
  }
}

TEST_F(ClosedPeriod, Law5CanBeAskedAgainByItsRevision) {
  const v1::Closing closing = Close();
  year_.Run();
  v1::ComputeReport06aRequest request;
  *request.mutable_period() = period_;
  const auto& rows = closing.report().rows();
  request.set_by_procedure(!std::all_of(rows.begin(), rows.end(), IsField));
  request.mutable_as_of()->set_revision(closing.report().basis().revision());
  EXPECT_EQ(LinesOf(Ask(fixture_, request)), LinesOf(closing.report()));
}

TEST_F(ClosedPeriod, ClosingAgainKeepsTheEarlierOne) {
  const v1::Closing first = Close();
  v1::ClosePeriodRequest request;
  *request.mutable_period() = period_;
  EXPECT_EQ(ErrorReason(fixture_.Call<v1::Closing>(request).status()), "PERIOD_CLOSED");
  year_.Run();
  PutThePastRight();
  request.set_repeat(true);
  const v1::Closing second = ValueOrDie(fixture_.Call<v1::Closing>(request));
  EXPECT_GT(second.name(), first.name());
  EXPECT_NE(second.digest(), first.digest());
  const auto listed = ValueOrDie(fixture_.Call<v1::ListClosingsResponse>(v1::ListClosingsRequest()));
  ASSERT_EQ(listed.closings_size(), 2);
  // Newest first; each short, but whole where it is looked at alone.
  EXPECT_EQ(listed.closings(0).name(), second.name());
  EXPECT_EQ(listed.closings(0).digest(), second.digest());
  EXPECT_EQ(listed.closings(1).name(), first.name());
  EXPECT_EQ(ColumnsOf(listed.closings(1).report().total()), ColumnsOf(first.report().total()));
  ExpectItsFiguresAgain(first);
  ExpectItsFiguresAgain(second);
}

}  // namespace
}  // namespace tthc::server
