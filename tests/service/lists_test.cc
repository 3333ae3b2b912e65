#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/due.h"
#include "server/domain/lifecycle.h"
#include "server/domain/timeliness.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_center.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// Lists, searches and counts against a scan over every dossier.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::At;
using testing::RandomCenter;
using testing::RandomHistory;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;
using Filter = v1::DossierFilter;
using List = v1::ListDossiersRequest;

std::vector<std::string> NamesOf(const std::vector<v1::Dossier>& dossiers) {
  std::vector<std::string> names;
  for (const v1::Dossier& dossier : dossiers) names.push_back(dossier.name());
  return names;
}

template <typename Values, typename T>
bool Holds(const Values& wanted, const T& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool InRange(const v1::TimeRange& range, bool has_time, const google::protobuf::Timestamp& time) {
  if (!range.has_start_time() && !range.has_end_time()) return true;
  if (!has_time) return false;
  return (!range.has_start_time() || time.seconds() >= range.start_time().seconds()) &&
         (!range.has_end_time() || time.seconds() < range.end_time().seconds());
}

absl::Time DueOf(const v1::Dossier& dossier) { return FromProto(dossier.due().due_time()); }

bool IsOverdue(const v1::Dossier& dossier, absl::Time now) {
  return dossier.timeliness().promise() == v1::Timeliness::VERDICT_OPEN_OVERDUE && now > DueOf(dossier);
}

// The contract of a filter, evaluated on the whole dossier. "Soon" ends at `until`.
bool Fits(const Filter& filter, const v1::Dossier& dossier, absl::Time now, absl::Time until) {
  const v1::Request& request = dossier.request();
  if (!Holds(filter.states(), static_cast<int>(dossier.state()))) return false;
  if (!Holds(filter.procedures(), request.procedure()) || !Holds(filter.offices(), request.office())) return false;
  if (!Holds(filter.fields(), dossier.terms().field()) || !Holds(filter.units(), dossier.unit())) return false;
  if (!Holds(filter.officers(), dossier.officer())) return false;
  if (!Holds(filter.channels(), static_cast<int>(request.channel()))) return false;
  if (filter.open_only() && !domain::IsOpen(dossier)) return false;
  const bool accepted = InRange(filter.accept_time(), dossier.has_accept_time(), dossier.accept_time());
  const bool due = InRange(filter.due_time(), dossier.due().has_due_time(), dossier.due().due_time());
  const auto& end = dossier.has_finish_time() ? dossier.finish_time() : dossier.stop_time();
  const bool has_end = dossier.has_finish_time() || dossier.has_stop_time();
  const bool finished = InRange(filter.finish_time(), has_end, end);
  if (!accepted || !due || !finished) return false;
  switch (filter.lateness()) {
    case Filter::LATENESS_OVERDUE:
      return IsOverdue(dossier, now);
    case Filter::LATENESS_DUE_SOON:
      return dossier.due().clock_state() == v1::Due::CLOCK_STATE_RUNNING && domain::IsOpen(dossier) &&
             dossier.due().has_due_time() && DueOf(dossier) >= now && DueOf(dossier) <= until;
    case Filter::LATENESS_ENDED_LATE:
      return dossier.timeliness().promise() == v1::Timeliness::VERDICT_LATE;
    default:
      return true;
  }
}

class ListsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    center_.Run(700);
    all_ = center_.AllDossiers();
    now_ = fixture().clock().Now();
  }
  ServiceFixture& fixture() { return center_.fixture(); }
  absl::Time Soon(int64_t minutes) {
    return ValueOrDie(center_.calendars().FindCalendar(1)->AddWorkingSeconds("", now_, minutes * 60));
  }
  Filter RandomFilter();

  const uint64_t seed_ = testing::TestSeed();
  RandomCenter center_{seed_, {}, 25};
  RandomHistory random_{seed_ + 1};
  std::vector<v1::Dossier> all_;
  absl::Time now_;
};

Filter ListsTest::RandomFilter() {
  Filter filter;
  const auto any = [&]() -> const v1::Dossier& {
    return all_[static_cast<size_t>(random_.Number(0, static_cast<int64_t>(all_.size()) - 1))];
  };
  const auto time = [&] { return ToProto(now_ - absl::Hours(random_.Number(-200, 900))); };
  while (random_.Chance(25)) filter.add_states(any().state());
  if (random_.Chance(25)) filter.add_procedures(any().request().procedure());
  if (random_.Chance(10)) filter.add_procedures("procedures/khong-co");
  if (const std::string& field = any().terms().field(); random_.Chance(15) && !field.empty()) filter.add_fields(field);
  if (random_.Chance(20)) filter.add_offices(any().request().office());
  if (const std::string& unit = any().unit(); random_.Chance(20) && !unit.empty()) filter.add_units(unit);
  if (const std::string& who = any().officer(); random_.Chance(10) && !who.empty()) filter.add_officers(who);
  if (random_.Chance(20)) filter.add_channels(any().request().channel());
  filter.set_open_only(random_.Chance(15));
  if (random_.Chance(15)) *filter.mutable_accept_time()->mutable_start_time() = time();
  if (random_.Chance(10)) *filter.mutable_finish_time()->mutable_start_time() = time();
  if (random_.Chance(10)) *filter.mutable_due_time()->mutable_end_time() = time();
  if (random_.Chance(50)) filter.set_lateness(static_cast<Filter::Lateness>(random_.Number(0, 3)));
  if (random_.Chance(50)) filter.set_due_within_minutes(static_cast<int32_t>(random_.Number(1, 5000)));
  return filter;
}

TEST_F(ListsTest, ExactTotalsAndNoOtherDossiersForAnyFilter) {
  int matched = 0;
  for (int i = 0; i < 400; ++i) {
    List request;
    *request.mutable_filter() = RandomFilter();
    request.set_order_by(List::ORDER_BY_OLDEST_FIRST);
    request.set_page_size(1000);
    const int32_t within = request.filter().due_within_minutes();
    const absl::Time until = Soon(within == 0 ? 960 : within);
    std::vector<std::string> expected;
    for (const v1::Dossier& dossier : all_) {
      if (Fits(request.filter(), dossier, now_, until)) expected.push_back(dossier.name());
    }
    const v1::ListDossiersResponse response = ValueOrDie(fixture().List(request));
    std::vector<std::string> found;
    for (const v1::Dossier& dossier : response.dossiers()) found.push_back(dossier.name());
    ASSERT_EQ(found, expected) << request.DebugString();
    ASSERT_EQ(response.total_size(), static_cast<int64_t>(expected.size()));
    ASSERT_EQ(response.revision(), fixture().head_revision());
    matched += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(matched, 100);
}

TEST_F(ListsTest, PagesOfEverySizeGiveTheSameList) {
  for (int order = 1; order <= List::OrderBy_MAX; ++order) {
    for (const Filter::Lateness lateness :
         {Filter::LATENESS_UNSPECIFIED, Filter::LATENESS_OVERDUE, Filter::LATENESS_ENDED_LATE}) {
      List request;
      request.set_order_by(static_cast<List::OrderBy>(order));
      request.mutable_filter()->set_lateness(lateness);
      request.set_page_size(1000);
      const std::vector<std::string> whole = fixture().MustListNames(request);
      ASSERT_EQ(std::set<std::string>(whole.begin(), whole.end()).size(), whole.size());
      for (int size = 1; size <= static_cast<int>(whole.size()) + 1; size += size < 8 ? 1 : 13) {
        request.set_page_size(size);
        ASSERT_EQ(fixture().MustListNames(request), whole) << "order " << order << ", pages of " << size;
      }
    }
  }
}

TEST_F(ListsTest, EachOrderSortsByItsKey) {
  List request;
  request.set_page_size(1000);
  request.set_order_by(List::ORDER_BY_OLDEST_FIRST);
  std::vector<std::string> oldest = fixture().MustListNames(request);
  EXPECT_EQ(oldest, NamesOf(all_));
  request.set_order_by(List::ORDER_BY_NEWEST_FIRST);
  std::vector<std::string> newest = fixture().MustListNames(request);
  std::reverse(newest.begin(), newest.end());
  EXPECT_EQ(newest, oldest);
  request.set_order_by(List::ORDER_BY_DUE_FIRST);
  std::vector<v1::Dossier> by_due = all_;
  std::stable_sort(by_due.begin(), by_due.end(), [](const v1::Dossier& a, const v1::Dossier& b) {
    const auto key = [](const v1::Dossier& dossier) {
      return dossier.due().has_due_time() ? DueOf(dossier) : absl::InfiniteFuture();
    };
    return key(a) < key(b);
  });
  EXPECT_EQ(fixture().MustListNames(request), NamesOf(by_due));
}

TEST_F(ListsTest, LaterPagesEvaluateLatenessAtTheTimeOfTheFirstPage) {
  List request;
  request.mutable_filter()->set_lateness(Filter::LATENESS_OVERDUE);
  request.set_page_size(1000);
  const std::vector<std::string> whole = fixture().MustListNames(request);
  ASSERT_GT(whole.size(), 3u);
  request.set_page_size(2);
  v1::ListDossiersResponse page = ValueOrDie(fixture().List(request));
  std::vector<std::string> walked;
  while (true) {
    for (const v1::Dossier& dossier : page.dossiers()) walked.push_back(dossier.name());
    if (page.next_page_token().empty()) break;
    fixture().clock().Advance(absl::Hours(30));
    request.set_page_token(page.next_page_token());
    page = ValueOrDie(fixture().List(request));
    ASSERT_EQ(page.total_size(), static_cast<int64_t>(whole.size()));
  }
  EXPECT_EQ(walked, whole);
}

TEST_F(ListsTest, LateDossiersAreTheOverdueOnesTheLongestFirst) {
  v1::ListLateDossiersRequest request;
  request.set_page_size(3);
  std::vector<std::string> found;
  do {
    const v1::ListLateDossiersResponse page = ValueOrDie(fixture().Call<v1::ListLateDossiersResponse>(request));
    EXPECT_EQ(FromProto(page.read_time()), now_);
    for (const v1::LateDossier& late : page.dossiers()) {
      const v1::Dossier& dossier = late.dossier();
      found.push_back(dossier.name());
      EXPECT_EQ(dossier.steps_size(), 0) << "a list shows no histories unless it is asked to";
      EXPECT_EQ(late.days_late(), LocalDayNumber(now_) - LocalDayNumber(DueOf(dossier)));
      EXPECT_EQ(late.working_minutes_late(), -dossier.timeliness().working_minutes_left());
      EXPECT_GE(late.working_minutes_late(), 0);
      EXPECT_TRUE(late.has_holder_since_time());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<v1::Dossier> expected;
  for (const v1::Dossier& dossier : all_) {
    if (IsOverdue(dossier, now_)) expected.push_back(dossier);
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const v1::Dossier& a, const v1::Dossier& b) { return DueOf(a) < DueOf(b); });
  EXPECT_EQ(found, NamesOf(expected));
  EXPECT_FALSE(found.empty());
}

TEST_F(ListsTest, DueSoonDossiersAreThoseWithinTheWorkingTimeAhead) {
  for (const int minutes : {0, 1, 480, 2400, 12'000}) {
    v1::ListDueSoonDossiersRequest request;
    request.set_within_minutes(minutes);
    request.set_page_size(1000);
    const auto response = ValueOrDie(fixture().Call<v1::ListDueSoonDossiersResponse>(request));
    Filter filter;
    filter.set_lateness(Filter::LATENESS_DUE_SOON);
    std::set<std::string> expected;
    for (const v1::Dossier& dossier : all_) {
      if (Fits(filter, dossier, now_, Soon(minutes == 0 ? 960 : minutes))) expected.insert(dossier.name());
    }
    std::set<std::string> found;
    absl::Time last = absl::InfinitePast();
    for (const v1::Dossier& dossier : response.dossiers()) {
      found.insert(dossier.name());
      EXPECT_GE(DueOf(dossier), last);
      last = DueOf(dossier);
    }
    EXPECT_EQ(found, expected) << minutes;
    EXPECT_EQ(response.total_size(), static_cast<int64_t>(expected.size()));
  }
}

// Counted dossier by dossier; the verdicts come from the domain and are tested there.
struct Counts {
  int64_t received = 0, online = 0, carried = 0, early = 0, on_time = 0, late = 0, in_term = 0, overdue = 0;
};

Counts CountPeriod(const std::vector<v1::Dossier>& all, absl::Time from, absl::Time to, absl::Time now,
                   const std::function<bool(const v1::Dossier&)>& counts) {
  Counts result;
  const absl::Time evaluated = std::min(now, to - absl::Seconds(1));
  for (const v1::Dossier& dossier : all) {
    if (!dossier.has_accept_time() || !counts(dossier)) continue;
    const absl::Time accepted = FromProto(dossier.accept_time());
    const absl::Time end = domain::EndTime(dossier);
    if (accepted >= to || end < from) continue;
    (accepted >= from ? result.received : result.carried) += 1;
    if (accepted >= from && dossier.request().channel() == v1::CHANNEL_ONLINE) ++result.online;
    const bool ended = end < to;
    // A wait that never ended stops the clock, and a dossier that ended during it was not overdue before either.
    const v1::Wait* wait = domain::OpenWait(dossier);
    const bool held = wait != nullptr && FromProto(wait->start_time()) <= DueOf(dossier);
    auto verdict = ended ? dossier.timeliness().report_06a() : v1::Timeliness::VERDICT_OPEN_IN_TERM;
    if (!ended && dossier.due().has_due_time()) verdict = domain::CompareDates(false, DueOf(dossier), evaluated);
    if (verdict == v1::Timeliness::VERDICT_EARLY) ++result.early;
    if (verdict == v1::Timeliness::VERDICT_ON_TIME) ++result.on_time;
    if (verdict == v1::Timeliness::VERDICT_LATE) ++result.late;
    if (verdict == v1::Timeliness::VERDICT_OPEN_OVERDUE && !held) ++result.overdue;
    if (verdict == v1::Timeliness::VERDICT_OPEN_IN_TERM || (verdict == v1::Timeliness::VERDICT_OPEN_OVERDUE && held))
      ++result.in_term;
  }
  return result;
}

void ExpectRow(const v1::TimelinessRow& row, const Counts& expected) {
  EXPECT_EQ(row.received_count(), expected.received);
  EXPECT_EQ(row.received_online_count(), expected.online);
  EXPECT_EQ(row.carried_over_count(), expected.carried);
  EXPECT_EQ(row.ended_early_count(), expected.early);
  EXPECT_EQ(row.ended_on_time_count(), expected.on_time);
  EXPECT_EQ(row.ended_late_count(), expected.late);
  EXPECT_EQ(row.open_in_term_count(), expected.in_term);
  EXPECT_EQ(row.open_overdue_count(), expected.overdue);
  // Every dossier is in exactly one column of each half.
  EXPECT_EQ(expected.received + expected.carried,
            expected.early + expected.on_time + expected.late + expected.in_term + expected.overdue);
  const int64_t ended = expected.early + expected.on_time + expected.late;
  EXPECT_EQ(row.has_on_time_percent(), ended > 0) << "no value without an ended dossier";
  if (ended > 0) {
    EXPECT_NEAR(row.on_time_percent(), 100.0 * static_cast<double>(ended - expected.late) / static_cast<double>(ended),
                0.005);
  }
}

TEST_F(ListsTest, TheSummaryCountsEveryDossierOfThePeriodOnce) {
  const auto always = [](const v1::Dossier&) { return true; };
  for (int i = 0; i < 40; ++i) {
    v1::SummarizeTimelinessRequest request;
    const absl::Time from = now_ - absl::Hours(random_.Number(0, 2000));
    const absl::Time to = from + absl::Hours(random_.Number(1, 2000));
    *request.mutable_start_time() = ToProto(from);
    *request.mutable_end_time() = ToProto(to);
    request.set_group_by(v1::GROUP_BY_PROCEDURE);
    const v1::TimelinessSummary summary = ValueOrDie(fixture().Call<v1::TimelinessSummary>(request));
    ExpectRow(summary.total(), CountPeriod(all_, from, to, now_, always));
    std::set<std::string> groups;
    for (const v1::TimelinessRow& row : summary.rows()) {
      SCOPED_TRACE(row.group());
      EXPECT_TRUE(groups.insert(row.group()).second);
      EXPECT_FALSE(row.display_name().empty());
      ExpectRow(row, CountPeriod(all_, from, to, now_, [&](const v1::Dossier& dossier) {
                  return dossier.request().procedure() == row.group();
                }));
    }
  }
}

TEST_F(ListsTest, EveryGroupingAddsUpToTheTotal) {
  for (const v1::GroupBy group : {v1::GROUP_BY_FIELD, v1::GROUP_BY_PROCEDURE, v1::GROUP_BY_OFFICE, v1::GROUP_BY_UNIT,
                                  v1::GROUP_BY_OFFICER, v1::GROUP_BY_CHANNEL}) {
    v1::SummarizeTimelinessRequest request;
    *request.mutable_start_time() = ToProto(now_ - absl::Hours(400));
    *request.mutable_end_time() = ToProto(now_ + absl::Hours(1));
    request.set_group_by(group);
    const v1::TimelinessSummary summary = ValueOrDie(fixture().Call<v1::TimelinessSummary>(request));
    int64_t received = 0;
    int64_t overdue = 0;
    for (const v1::TimelinessRow& row : summary.rows()) {
      received += row.received_count();
      overdue += row.open_overdue_count();
    }
    EXPECT_EQ(received, summary.total().received_count()) << group;
    EXPECT_EQ(overdue, summary.total().open_overdue_count()) << group;
    EXPECT_GT(received, 0);
  }
}

// --- Search ----------------------------------------------------------------------------------------------------------

class SearchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Add("Nguyễn Thị Hòa", "0912 345 678", "031085001234");
    Add("Nguyễn Thị Hoài", "0987654321", "031085005678");
    Add("Nguyễn Thị Hoà", "", "");  // the other spelling
    Add("Đặng Văn Đạt", "0912999888", "034099000111");
    Add("Hoàng Thị Nguyên", "", "B1234567");
  }
  void Add(const std::string& name, const std::string& phone, const std::string& identity) {
    v1::Event event = AcceptedEvent();
    v1::Applicant& applicant = *event.mutable_accepted()->mutable_request()->mutable_applicant();
    applicant.set_display_name(name);
    applicant.set_phone_number(phone);
    applicant.set_identity_number(identity);
    names_.push_back(fixture_.MustCreate({event}).name());
  }
  // Which of the five are found, as digits in the order of adding.
  std::string Find(const std::string& query) {
    List request;
    request.set_order_by(List::ORDER_BY_OLDEST_FIRST);
    request.mutable_filter()->set_query(query);
    return Which(request);
  }
  std::string FindApplicant(const std::string& text) {
    List request;
    request.set_order_by(List::ORDER_BY_OLDEST_FIRST);
    request.mutable_filter()->set_applicant(text);
    return Which(request);
  }
  std::string Which(const List& request) {
    std::string which;
    for (const std::string& name : fixture_.MustListNames(request)) {
      absl::StrAppend(&which, std::find(names_.begin(), names_.end(), name) - names_.begin() + 1);
    }
    return which;
  }

  ServiceFixture fixture_;
  std::vector<std::string> names_;
};

TEST_F(SearchTest, NamesAreFoundWithoutDiacriticsAndInPart) {
  EXPECT_EQ(Find("nguyen thi hoa"), "1235") << "each word begins a word of the name, in any order";
  EXPECT_EQ(Find("Nguyễn Thị Hòa"), "1235");
  EXPECT_EQ(Find("NGUYEN  THI  HOAI"), "2");
  EXPECT_EQ(Find("hoai nguyen"), "2");
  EXPECT_EQ(Find("dat"), "4");
  EXPECT_EQ(Find("đạt"), "4");
  EXPECT_EQ(Find("guyen"), "") << "not from the middle of a word";
  EXPECT_EQ(FindApplicant("nguyen thi hoa"), "1235");
  EXPECT_EQ(FindApplicant("tran"), "");
}

TEST_F(SearchTest, PhonesAndIdentityNumbersAreFoundWithAnySpacing) {
  EXPECT_EQ(Find("0912345678"), "1");
  EXPECT_EQ(Find("0912.345.678"), "1");
  EXPECT_EQ(Find("0912"), "14");
  EXPECT_EQ(Find("031085001234"), "1");
  EXPECT_EQ(Find("0310 8500"), "12");
  EXPECT_EQ(Find("999888"), "4");
}

TEST_F(SearchTest, CodesAndTheirTailsAreFound) {
  EXPECT_EQ(Find("H24.99.1-260821-0003"), "3");
  EXPECT_EQ(Find("h24.99.1-260821-0003"), "3");
  EXPECT_EQ(Find("0003"), "3");
  EXPECT_EQ(Find("821-0004"), "4");
  EXPECT_EQ(Find("0009"), "");
}

TEST_F(SearchTest, AQueryWithoutLettersOrDigitsMatchesNothing) {
  EXPECT_EQ(Find("   "), "");
  EXPECT_EQ(FindApplicant("  "), "");
  EXPECT_EQ(Find("?!"), "");
}

TEST_F(SearchTest, AnAmendedApplicantIsFoundByTheNewNameOnly) {
  v1::Event event = AcceptedEvent();
  event.mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name("Phạm Thị Lụa");
  fixture_.MustAppend(names_[3], testing::AmendmentOf(fixture_.MustGet(names_[3]).revision(), event));
  EXPECT_EQ(Find("pham lua"), "4");
  EXPECT_EQ(Find("dat"), "");
  fixture_.Restart();
  EXPECT_EQ(Find("pham lua"), "4");
  EXPECT_EQ(Find("0912999888"), "") << "the correction has no phone";
}

// --- Views and bounds ------------------------------------------------------------------------------------------------

class ViewTest : public ::testing::Test {
 protected:
  // A dossier with something in each of the repeated histories.
  void SetUp() override {
    v1::Event accepted = AcceptedEvent();
    accepted.mutable_accepted()->mutable_request()->add_documents()->set_display_name("Tờ khai");
    name_ = fixture_.MustCreate({accepted}).name();
    for (const auto kind : {v1::Event::kForwarded, v1::Event::kStepTaken, v1::Event::kOpinionAsked, v1::Event::kRated,
                            v1::Event::kPetitionReceived, v1::Event::kPaused}) {
      fixture_.MustAppend(name_, SampleEvent(kind));
    }
  }
  v1::Dossier Get(v1::DossierView view) {
    v1::GetDossierRequest request;
    request.set_name(name_);
    request.set_view(view);
    return ValueOrDie(fixture_.Call<v1::Dossier>(request));
  }
  v1::Dossier Listed(v1::DossierView view) {
    List request;
    request.set_view(view);
    return ValueOrDie(fixture_.List(request)).dossiers(0);
  }

  ServiceFixture fixture_;
  std::string name_;
};

TEST_F(ViewTest, ReferenceHoldsWhatRefersToTheDossierAndNothingElse) {
  const v1::Dossier full = Get(v1::DOSSIER_VIEW_FULL);
  v1::Dossier expected;
  expected.set_name(full.name());
  expected.set_code(full.code());
  expected.set_etag(full.etag());
  expected.set_revision(full.revision());
  expected.set_state(full.state());
  EXPECT_EQ(Get(v1::DOSSIER_VIEW_REFERENCE).DebugString(), expected.DebugString());
  EXPECT_EQ(Listed(v1::DOSSIER_VIEW_REFERENCE).DebugString(), expected.DebugString());
}

TEST_F(ViewTest, BasicLeavesOutTheHistoriesAndKeepsTheRest) {
  v1::Dossier expected = Get(v1::DOSSIER_VIEW_FULL);
  ASSERT_EQ(expected.steps_size(), 1);
  ASSERT_EQ(expected.waits_size(), 1);
  ASSERT_EQ(expected.opinions_size(), 1);
  ASSERT_EQ(expected.ratings_size(), 1);
  ASSERT_EQ(expected.petitions_size(), 1);
  ASSERT_EQ(expected.request().documents_size(), 1);
  expected.clear_steps();
  expected.clear_waits();
  expected.clear_opinions();
  expected.clear_ratings();
  expected.clear_petitions();
  expected.mutable_request()->clear_documents();
  EXPECT_EQ(Get(v1::DOSSIER_VIEW_BASIC).DebugString(), expected.DebugString());
  EXPECT_EQ(Listed(v1::DOSSIER_VIEW_BASIC).DebugString(), expected.DebugString());
}

TEST_F(ViewTest, AGetIsFullAndAListBasicByDefault) {
  EXPECT_EQ(Get(v1::DOSSIER_VIEW_UNSPECIFIED).DebugString(), Get(v1::DOSSIER_VIEW_FULL).DebugString());
  EXPECT_EQ(Listed(v1::DOSSIER_VIEW_UNSPECIFIED).DebugString(), Listed(v1::DOSSIER_VIEW_BASIC).DebugString());
  EXPECT_EQ(Listed(v1::DOSSIER_VIEW_FULL).DebugString(), Get(v1::DOSSIER_VIEW_FULL).DebugString());
}

TEST_F(ViewTest, ATokenIsGoodForTheViewThatItWasMadeFor) {
  fixture_.MustCreate({AcceptedEvent()});
  List request;
  request.set_page_size(1);
  request.set_page_token(ValueOrDie(fixture_.List(request)).next_page_token());
  request.set_view(v1::DOSSIER_VIEW_FULL);
  EXPECT_EQ(ErrorReason(fixture_.List(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_view();
  request.set_page_size(7);
  EXPECT_TRUE(fixture_.List(request).ok()) << "the size of pages may change";
}

// Dossiers of about 300 KiB, so that a page holds about a dozen of them.
class LargeDossiersTest : public ::testing::Test {
 protected:
  static constexpr int kDossiers = 20;

  void SetUp() override {
    v1::Event accepted = AcceptedEvent();
    for (int i = 0; i < 200; ++i) {
      v1::Document& document = *accepted.mutable_accepted()->mutable_request()->add_documents();
      document.set_display_name(std::string(500, 'a'));
      document.set_code(std::string(500, 'b'));
      document.set_form(std::string(500, 'c'));
    }
    for (int i = 0; i < kDossiers; ++i) names_.push_back(fixture_.MustCreate({accepted}).name());
  }

  ServiceFixture fixture_;
  std::vector<std::string> names_;
};

TEST_F(LargeDossiersTest, PagesEndEarlyByBytesAndStillGiveTheWholeList) {
  for (const List::OrderBy order : {List::ORDER_BY_OLDEST_FIRST, List::ORDER_BY_DUE_FIRST}) {
    List request;
    request.set_order_by(order);
    request.set_page_size(1000);
    request.set_view(v1::DOSSIER_VIEW_FULL);
    std::vector<std::string> found;
    int pages = 0;
    do {
      const v1::ListDossiersResponse page = ValueOrDie(fixture_.List(request));
      EXPECT_LT(page.ByteSizeLong(), limits::kMessageBytesMax);
      EXPECT_EQ(page.total_size(), kDossiers);
      for (const v1::Dossier& dossier : page.dossiers()) found.push_back(dossier.name());
      request.set_page_token(page.next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    EXPECT_EQ(found, names_);
    EXPECT_GT(pages, 1);
    request.clear_page_token();
    request.set_view(v1::DOSSIER_VIEW_BASIC);
    EXPECT_EQ(ValueOrDie(fixture_.List(request)).dossiers_size(), kDossiers) << "without the documents all fit";
  }
}

TEST_F(LargeDossiersTest, ABatchGetThatDoesNotFitSaysHowManyDo) {
  v1::BatchGetDossiersRequest request;
  for (const std::string& name : names_) request.add_names(name);
  const absl::Status refused = fixture_.Status(request);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(refused), "ANSWER_TOO_LARGE");
  int fitting = 0;
  ASSERT_TRUE(absl::SimpleAtoi(ErrorMetadata(refused, "fitting_count"), &fitting));
  EXPECT_GT(fitting, 1);
  request.clear_names();
  for (int i = 0; i < fitting; ++i) request.add_names(names_[static_cast<size_t>(i)]);
  const auto response = ValueOrDie(fixture_.Call<v1::BatchGetDossiersResponse>(request));
  EXPECT_EQ(response.dossiers_size(), fitting);
  EXPECT_LT(response.ByteSizeLong(), limits::kMessageBytesMax);
  request.add_names(names_[static_cast<size_t>(fitting)]);
  EXPECT_EQ(ErrorReason(fixture_.Status(request)), "ANSWER_TOO_LARGE");
  request.set_view(v1::DOSSIER_VIEW_REFERENCE);
  EXPECT_TRUE(fixture_.Status(request).ok());
}

TEST_F(LargeDossiersTest, AWriteWhoseAnswerDoesNotFitWritesNothing) {
  v1::BatchAppendEventsRequest request;
  for (const std::string& name : names_) {
    v1::AppendEventRequest& one = *request.add_requests();
    one.set_parent(name);
    *one.mutable_event() = SampleEvent(v1::Event::kNoted);
  }
  request.set_view(v1::DOSSIER_VIEW_FULL);
  const std::string bytes = fixture_.StoredBytes();
  EXPECT_EQ(ErrorReason(fixture_.Status(request)), "ANSWER_TOO_LARGE");
  EXPECT_EQ(fixture_.StoredBytes(), bytes);
  request.set_view(v1::DOSSIER_VIEW_BASIC);
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::BatchAppendEventsResponse>(request)).dossiers_size(), kDossiers);
}

TEST(DueSoon, EveryPageSaysTheTimeOfTheFirst) {
  ServiceFixture fixture;
  for (int i = 0; i < 3; ++i) fixture.MustCreate({AcceptedEvent(testing::kSameDay)});
  v1::ListDueSoonDossiersRequest request;
  request.set_page_size(1);
  const absl::Time first = fixture.clock().Now();
  auto page = ValueOrDie(fixture.Call<v1::ListDueSoonDossiersResponse>(request));
  fixture.clock().Advance(absl::Minutes(5));
  request.set_page_token(page.next_page_token());
  page = ValueOrDie(fixture.Call<v1::ListDueSoonDossiersResponse>(request));
  EXPECT_EQ(FromProto(page.read_time()), first);
}

TEST(TimeRange, IncludesItsStartAndNotItsEnd) {
  ServiceFixture fixture;
  const absl::Time accepted = fixture.clock().Now();
  fixture.MustCreate({AcceptedEvent()});
  const auto count = [&](absl::Time start, absl::Time end) {
    List request;
    *request.mutable_filter()->mutable_accept_time()->mutable_start_time() = ToProto(start);
    *request.mutable_filter()->mutable_accept_time()->mutable_end_time() = ToProto(end);
    return ValueOrDie(fixture.List(request)).total_size();
  };
  EXPECT_EQ(count(accepted, accepted + absl::Seconds(1)), 1);
  EXPECT_EQ(count(accepted - absl::Seconds(1), accepted), 0);
  EXPECT_EQ(count(accepted, accepted + absl::Milliseconds(1)), 1) << "a range within a second";
  EXPECT_EQ(count(absl::UnixEpoch() - absl::Seconds(5), absl::UnixEpoch()), 0) << "an end at the epoch is an end";
}

// --- Single events ---------------------------------------------------------------------------------------------------

TEST(GetEvent, ShowsWhatListEventsShows) {
  RandomCenter center(testing::TestSeed(), {});
  center.Run(150);
  ServiceFixture& fixture = center.fixture();
  bool amended = false;
  for (const v1::Dossier& dossier : center.AllDossiers()) {
    for (const v1::Event& event : fixture.MustListEvents(dossier.name())) {
      v1::GetEventRequest request;
      request.set_name(event.name());
      EXPECT_EQ(ValueOrDie(fixture.Call<v1::Event>(request)).DebugString(), event.DebugString());
      amended |= event.amended_by_revision() != 0;
    }
  }
  EXPECT_TRUE(amended) << "no event was amended: a part was not tested";
}

TEST(GetEvent, FindsTheDossierByItsCodeAndAnswersByName) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  v1::GetEventRequest request;
  request.set_name(absl::StrCat("dossiers/", dossier.code(), "/events/", dossier.revision()));
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Event>(request)).name(),
            absl::StrCat(dossier.name(), "/events/", dossier.revision()));
}

TEST(BatchGet, AnswersInTheOrderOfTheNamesWithTheSameContentAsGet) {
  RandomCenter center(testing::TestSeed(), {});
  center.Run(120);
  std::vector<v1::Dossier> all = center.AllDossiers();
  std::reverse(all.begin(), all.end());
  v1::BatchGetDossiersRequest request;
  for (const v1::Dossier& dossier : all) request.add_names(dossier.name());
  const auto response = ValueOrDie(center.fixture().Call<v1::BatchGetDossiersResponse>(request));
  ASSERT_EQ(response.dossiers_size(), static_cast<int>(all.size()));
  for (int i = 0; i < response.dossiers_size(); ++i) {
    EXPECT_EQ(response.dossiers(i).DebugString(), center.fixture().MustGet(request.names(i)).DebugString());
    EXPECT_EQ(response.dossiers(i).DebugString(), all[static_cast<size_t>(i)].DebugString());
  }
}

}  // namespace
}  // namespace tthc::server
