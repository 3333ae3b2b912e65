#include "server/statistics/verify.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/domain/fact.h"
#include "server/domain/presentation.h"
#include "server/facts/dossier_history.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// How often a dossier that changes while it is compared is compared again.
constexpr int kLooksMax = 5;

// The name of the field and never its value, which may be personal data.
std::string FirstDifference(const Message& a, const Message& b) {
  for (int i = 0; i < a.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = a.GetDescriptor()->field(i);
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(a, b, {field}, {field})) return field->name();
  }
  return "";
}

uint32_t UnitOf(const FactColumns& columns, const FactMoment& moment) {
  return columns.codes[FactColumns::kUnit].NameOf(moment.unit());
}

uint32_t OfficerOf(const FactColumns& columns, const FactMoment& moment) {
  return columns.codes[FactColumns::kOfficer].NameOf(moment.officer());
}

// A copy, since runs of moments have no length of their own.
std::vector<FactMoment> MomentsOf(const FactColumns& columns, size_t row) {
  std::vector<FactMoment> moments;
  columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) { moments.push_back(moment); });
  return moments;
}

bool SameMoments(const FactColumns& a, size_t row_a, const FactColumns& b, size_t row_b) {
  const std::vector<FactMoment> left = MomentsOf(a, row_a);
  const std::vector<FactMoment> right = MomentsOf(b, row_b);
  // Of steps `other` holds codes of two columns, which differ between tables; the names behind them must be the same.
  const auto same = [&](const FactMoment& x, const FactMoment& y) {
    if (x.kind != y.kind || x.time != y.time || x.value != y.value) return false;
    if (x.verdict != y.verdict || x.flag != y.flag) return false;
    if (x.kind != FactMoment::kStep) return x.other == y.other;
    return UnitOf(a, x) == UnitOf(b, y) && OfficerOf(a, x) == OfficerOf(b, y);
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
}

}  // namespace

std::string FindColumnDifference(const FactIndex::View& facts, size_t row, const storage::v1::Fact& fact) {
  const FactColumns& columns = facts.columns;
  if (row >= columns.size()) return "dossier_number";
  // A table of its own with one row, filled the way the live one is: whatever Set does with a fact is compared, too.
  FactColumns expected;
  expected.Resize(1);
  expected.Set(0, fact);
  // By the name numbers behind the codes: codes depend on the order in which names were met.
  static constexpr const char* kNames[FactColumns::kNameCount] = {"procedure", "field",       "office",          "unit",
                                                                  "officer",   "late_reason", "responsible_unit"};
  for (size_t name = 0; name < FactColumns::kNameCount; ++name) {
    const uint32_t held = columns.codes[name].NameOf(columns.names[name][row]);
    if (held != expected.codes[name].NameOf(expected.names[name][0])) return kNames[name];
  }
  if (columns.traits[row] != expected.traits[0]) return "flags";
  if (columns.submit[row] != expected.submit[0]) return "submit_time";
  if (columns.accept[row] != expected.accept[0]) return "accept_time";
  if (columns.due[row] != expected.due[0]) return "due_time";
  if (columns.due_766[row] != expected.due_766[0]) return "due_766_time";
  if (columns.end[row] != expected.end[0]) return "end_time";
  if (columns.returned[row] != expected.returned[0]) return "return_time";
  if (columns.handling_minutes.At(row) != expected.handling_minutes.At(0)) return "handling_minutes";
  if (columns.submitted_minutes.At(row) != expected.submitted_minutes.At(0)) return "submitted_minutes";
  if (columns.hand_over_minutes.At(row) != expected.hand_over_minutes.At(0)) return "hand_over_minutes";
  return SameMoments(columns, row, expected, 0) ? "" : "moments";
}

// Used by one task at a time; only `canceled` by others as well.
struct VerifyStream::State {
  const storage::Store& store;
  const FactIndex& index;
  const Published<domain::Catalogue>& catalogue;
  ReadPool& pool;
  std::atomic<bool> canceled{false};
  int64_t next = 1;
  int64_t last = 0;
  v1::VerifyFactsResponse totals = {};
  bool done = false;
  // Of the one call to Next that is on its way.
  Reply<std::optional<v1::VerifyFactsResponse>> reply = nullptr;

  absl::StatusOr<v1::VerifyFactsResponse> Portion();
  absl::Status Check(int64_t number, v1::VerifyFactsResponse& response);
  // Compares the copies once. An empty `copy`: nothing differs. nullopt: the dossier changed meanwhile.
  absl::StatusOr<std::optional<v1::FactDifference>> Look(int64_t number);
  void FillTotals(v1::VerifyFactsResponse& response) const;
};

VerifyStream::VerifyStream(const storage::Store* store, const FactIndex* index,
                           const Published<domain::Catalogue>* catalogue, ReadPool* pool)
    : state_(new State{*store, *index, *catalogue, *pool}) {
  state_->last = store->head().last_dossier_number();
  state_->totals.set_total_count(state_->last);
}

VerifyStream::~VerifyStream() { Cancel(); }

void VerifyStream::Cancel() { state_->canceled.store(true); }

void VerifyStream::Next(Reply<std::optional<v1::VerifyFactsResponse>> reply) {
  const auto state = state_;
  if (state->done) return reply(std::optional<v1::VerifyFactsResponse>());
  // Kept in the state and not in the task: if the pool refuses the task, the reply is still here to be used.
  state->reply = std::move(reply);
  const absl::Status refused = state->pool.Post([state] {
    absl::StatusOr<v1::VerifyFactsResponse> portion = state->Portion();
    auto answer = std::exchange(state->reply, nullptr);
    if (!portion.ok()) return answer(portion.status());
    answer(std::optional<v1::VerifyFactsResponse>(*std::move(portion)));
  });
  if (!refused.ok()) std::exchange(state->reply, nullptr)(refused);
}

absl::StatusOr<v1::VerifyFactsResponse> VerifyStream::State::Portion() {
  v1::VerifyFactsResponse response;
  // Dossiers that are opened meanwhile are not verified: the stream ends where it said it would.
  const int64_t until = std::min(next + limits::kVerifyPortion, last + 1);
  for (; next < until; ++next) {
    // Asked for every dossier: folding a long history takes milliseconds.
    if (canceled.load()) return absl::CancelledError("the verification was canceled");
    TTHC_RETURN_IF_ERROR(Check(next, response));
  }
  done = next > last;
  totals.set_checked_count(next - 1);
  totals.set_done(done);
  FillTotals(response);
  return response;
}

void VerifyStream::State::FillTotals(v1::VerifyFactsResponse& response) const {
  response.set_checked_count(totals.checked_count());
  response.set_total_count(totals.total_count());
  response.set_difference_count(totals.difference_count());
  response.set_done(totals.done());
}

absl::Status VerifyStream::State::Check(int64_t number, v1::VerifyFactsResponse& response) {
  for (int look = 0; look < kLooksMax; ++look) {
    TTHC_ASSIGN_OR_RETURN(const auto difference, Look(number));
    if (!difference.has_value()) continue;
    if (difference->copy().empty()) return absl::OkStatus();
    totals.set_difference_count(totals.difference_count() + 1);
    if (totals.difference_count() <= static_cast<int64_t>(limits::kFactDifferencesShown)) {
      *response.add_differences() = *difference;
    }
    return absl::OkStatus();
  }
  // It changes faster than it can be compared. That is no difference; the next run compares it.
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::FactDifference>> VerifyStream::State::Look(int64_t number) {
  const storage::StoreReader reader = store.Read();
  v1::FactDifference difference;
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) {
    // Its name is in the record that is gone.
    difference.set_dossier(absl::StrCat("dossier ", number));
    difference.set_copy("dossier");
    return std::optional(difference);
  }
  difference.set_dossier(domain::DossierName(record->dossier()));
  const auto number_of = [this](const std::string& name) { return name.empty() ? 0 : index.FindName(name); };
  const auto now = catalogue.Get();
  const auto folded = FoldAsOf(reader, *now, *record, reader.revision());
  if (!folded.ok() || !folded->has_value()) {
    difference.set_copy("dossier");
    difference.set_field("events");
    return std::optional(difference);
  }
  difference.set_field(FirstDifference(**folded, record->dossier()));
  if (!difference.field().empty()) {
    difference.set_copy("dossier");
    return std::optional(difference);
  }
  const storage::v1::Fact fact = domain::MakeFact(*now, **folded, number_of);
  difference.set_field(FirstDifference(fact, record->fact()));
  std::string in_memory;
  index.Read([&](const FactIndex::View& facts) {
    in_memory = FindColumnDifference(facts, static_cast<size_t>(number - 1), fact);
  });
  if (!difference.field().empty()) {
    difference.set_copy("fact");
  } else if (!in_memory.empty()) {
    // The columns are updated after the commit. If the dossier has changed since its record was read above, the columns
    // may be newer than that record, and the difference means nothing.
    TTHC_ASSIGN_OR_RETURN(const auto again, store.Read().GetDossier(number));
    if (again.has_value() && again->dossier().revision() != record->dossier().revision()) {
      return std::optional<v1::FactDifference>();
    }
    difference.set_copy("memory");
    difference.set_field(in_memory);
  }
  return std::optional(difference);
}

}  // namespace tthc::server
