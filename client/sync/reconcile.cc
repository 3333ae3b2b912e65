#include "client/sync/reconcile.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sync/lookup.h"
#include "client/sync/outcome.h"
#include "client/sync/plan.h"
#include "client/sync/profile.h"
#include "client/sync/pull.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorItem;
using Kind = Comparison::Kind;

// Keys under which a record may name its agency.
constexpr const char* kAgencyKeys[] = {"madonvi", "MaDonVi", "MaDinhDanhDV"};
// How often dossiers are read again that change while they are compared.
constexpr int kRoundsMax = 3;
// The lease may change hands between two pages of deliveries; so many changes are followed.
constexpr int kLeaseChangesMax = 20;

std::string Plain(const ordered_json& value) { return std::string(absl::StripAsciiWhitespace(ScalarText(value))); }

// Both have a value, and the values differ in more than case ("True" is true).
bool Contradict(const ordered_json& ours, const ordered_json& theirs) {
  const std::string a = Plain(ours);
  const std::string b = Plain(theirs);
  return !a.empty() && !b.empty() && !absl::EqualsIgnoreCase(a, b);
}

// Lists are not compared: no known look-up returns them.
bool IsScalar(const v1::Field& field) {
  return field.kind() != v1::Field::KIND_LIST && field.kind() != v1::Field::KIND_EMPTY_LIST;
}

// Another procedure or another agency under our code. Names differ in spelling and are no proof.
bool IsForeign(const TargetSetup& setup, const ordered_json& ours, const ordered_json& theirs) {
  const auto procedure = theirs.find(FieldFrom(setup.profile.record_fields(), "procedure"));
  if (procedure != theirs.end() && Contradict(ours.at(procedure.key()), *procedure)) return true;
  return std::any_of(std::begin(kAgencyKeys), std::end(kAgencyKeys), [&](const char* key) {
    const auto agency = theirs.find(key);
    return agency != theirs.end() && !ours.contains(key) && Contradict(setup.target.agency(), *agency);
  });
}

// Only what both sides have: targets add values of their own and leave out others.
void CompareFields(const v1::Profile& profile, const ordered_json& ours, const ordered_json& theirs,
                   Comparison& result) {
  for (const v1::Field& field : profile.record_fields()) {
    const auto found = theirs.find(field.name());
    if (!IsScalar(field) || found == theirs.end()) continue;
    if (field.from() == "status") result.status_there = Plain(*found);
    if (Contradict(ours.at(field.name()), *found)) result.fields.push_back(field.name());
  }
}

void CompareSteps(const v1::Profile& profile, const MirrorDelivery& delivery, const ordered_json& theirs,
                  Comparison& result) {
  const auto reported = theirs.find(profile.lookup_steps());
  if (profile.lookup_steps().empty() || reported == theirs.end() || !reported->is_array()) return;
  const auto ours = std::count_if(delivery.steps().begin(), delivery.steps().end(),
                                  [&](const auto& step) { return FindStepWords(profile, step.event()) != nullptr; });
  const auto known = static_cast<std::ptrdiff_t>(KnownSteps(profile, delivery, *reported).size());
  result.steps_missing = static_cast<int>(ours - known);
  result.steps_extra = static_cast<int>(static_cast<std::ptrdiff_t>(reported->size()) - known);
}

Kind Evaluate(const TargetSetup& setup, const MirrorDelivery& delivery, const ordered_json* theirs,
              Comparison& result) {
  if (theirs == nullptr) return Kind::kMissing;
  const ordered_json ours = RenderRecord(setup.profile, delivery).json;
  CompareFields(setup.profile, ours, *theirs, result);
  if (IsForeign(setup, ours, *theirs)) return Kind::kForeign;
  CompareSteps(setup.profile, delivery, *theirs, result);
  const bool same = result.fields.empty() && result.steps_missing == 0 && result.steps_extra == 0;
  return same ? Kind::kEqual : Kind::kStale;
}

// The target's record of the dossier; nullptr if it has none.
const ordered_json* ResultIn(const TargetSetup& setup, const MirrorDelivery& delivery,
                             const PortalClient::Reply& reply) {
  if (!reply.answer.found) return nullptr;
  const v1::AnswerKeys& keys = setup.profile.answer_keys();
  const ordered_json* const results = FindKey(keys, reply.body.json, keys.results());
  return results == nullptr ? nullptr : FindResult(setup.profile, delivery, *results);
}

// True if the answer has a record of any dossier.
bool ReportsAnything(const v1::Profile& profile, const PortalClient::Reply& reply) {
  const v1::AnswerKeys& keys = profile.answer_keys();
  const ordered_json* const results = FindKey(keys, reply.body.json, keys.results());
  return results != nullptr && results->is_structured() && !results->empty();
}

// The code that people know the dossier by.
std::string OwnCode(const MirrorDelivery& delivery) {
  const tthc::v1::Dossier& dossier = delivery.dossier();
  return dossier.code().empty() ? dossier.submission_code() : dossier.code();
}

// Runs work(0) … work(count - 1) on at most `workers` threads. Returns the first error by index; after an error no more
// work begins.
template <typename Work>
absl::Status InWorkers(size_t count, int workers, const Work& work) {
  // The threads take the next index until none is left; the order does not matter.
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<absl::Status> errors(count);
  const auto run = [&] {
    for (size_t i = next.fetch_add(1); i < count && !failed.load(); i = next.fetch_add(1)) {
      errors[i] = work(i);
      if (!errors[i].ok()) failed.store(true);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(count, static_cast<size_t>(std::max(workers, 1))); ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& error : errors) TTHC_RETURN_IF_ERROR(error);
  return absl::OkStatus();
}

absl::Status Retired(const std::string& target) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "TARGET_RETIRED",
                    .message = absl::StrCat("the target \"", target, "\" is retired: nothing is sent to it"),
                    .message_vi = absl::StrCat("Hệ thống \"", target, "\" đã ngừng dùng: không còn gửi gì đến đó"),
                    .metadata = {{"target", target}}});
}

// The right to read deliveries. While a tthc-sync runs, its fence is used; otherwise the target is acquired, and
// released with the cleanness that it had.
class Lease {
 public:
  Lease(sdk::Client& client, const TargetSetup& setup, std::string holder)
      : client_(client),
        setup_(setup),
        holder_(std::move(holder)),
        name_(absl::StrCat("mirrorTargets/", setup.target.id())) {}

  ~Lease() {
    if (!acquired_) return;
    tthc::v1::ReleaseMirrorTargetRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    request.set_unclean(!clean_);
    // Fails if another program has acquired the target since; then there is nothing to release.
    client_.ReleaseMirrorTarget(request).status().IgnoreError();
  }

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  absl::Status Find() {
    acquired_ = false;
    tthc::v1::GetMirrorTargetRequest request;
    request.set_name(name_);
    TTHC_ASSIGN_OR_RETURN(const tthc::v1::MirrorTarget target, client_.GetMirrorTarget(request));
    if (target.retired()) return Retired(setup_.target.id());
    fence_ = target.lease().fence();
    return target.lease().holder().empty() ? Acquire(target) : absl::OkStatus();
  }

  int64_t fence() const { return fence_; }
  const std::string& name() const { return name_; }

 private:
  absl::Status Acquire(const tthc::v1::MirrorTarget& target) {
    tthc::v1::AcquireMirrorTargetRequest request;
    request.set_name(name_);
    request.set_display_name(target.display_name());
    request.set_holder(holder_);
    *request.mutable_lease_duration() = ToProto(limits::kMirrorLeaseMin);
    request.set_profile_digest(ProfileDigest(setup_.profile));
    TTHC_ASSIGN_OR_RETURN(const tthc::v1::AcquireMirrorTargetResponse response, client_.AcquireMirrorTarget(request));
    acquired_ = true;
    clean_ = response.clean();
    fence_ = response.target().lease().fence();
    return absl::OkStatus();
  }

  sdk::Client& client_;
  const TargetSetup& setup_;
  const std::string holder_;
  const std::string name_;
  int64_t fence_ = 0;
  bool acquired_ = false;
  bool clean_ = false;
};

class Reconciliation {
 public:
  Reconciliation(sdk::Client& client, PortalClient& portal, const TargetSetup& setup, const ReconcileOptions& options)
      : client_(client), portal_(portal), setup_(setup), options_(options), lease_(client, setup, options.holder) {}

  absl::StatusOr<ReconcileCounts> Run() {
    TTHC_RETURN_IF_ERROR(lease_.Find());
    TTHC_RETURN_IF_ERROR(WalkDossiers());
    if (setup_.profile.has_list()) TTHC_RETURN_IF_ERROR(CompareFilings());
    return counts_;
  }

 private:
  absl::Status WalkDossiers();
  absl::Status Look(const std::vector<std::string>& names, int64_t total);
  absl::StatusOr<std::vector<MirrorDelivery>> Fetch(const std::vector<std::string>& names);
  absl::Status AskAbout(const std::vector<MirrorDelivery>& deliveries, std::vector<Comparison>& found);
  absl::StatusOr<std::vector<MirrorDelivery>> TakeChanged(const std::vector<MirrorDelivery>& deliveries,
                                                          std::vector<Comparison>& found);
  absl::Status Repair(std::vector<Comparison>& found);
  absl::Status AskForRepair(const std::vector<std::string>& dossiers, bool resend_steps);
  absl::Status CompareFilings();
  void Count(const Comparison& comparison);

  sdk::Client& client_;
  PortalClient& portal_;
  const TargetSetup& setup_;
  const ReconcileOptions& options_;
  Lease lease_;
  ReconcileCounts counts_;
};

// `count` positions out of [0, total), drawn at random, rising.
std::set<int64_t> DrawPositions(int64_t total, int64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::set<int64_t> drawn;
  // Robert Floyd's algorithm: every set of `count` positions is equally likely.
  for (int64_t i = total - count; i < total; ++i) {
    const int64_t position = std::uniform_int_distribution<int64_t>(0, i)(random);
    if (!drawn.insert(position).second) drawn.insert(i);
  }
  return drawn;
}

// Pages through all dossiers, also for a sample: positions in the list are drawn, since numbers of other dossiers are
// not known to a client.
absl::Status Reconciliation::WalkDossiers() {
  tthc::v1::ListDossiersRequest request;
  if (options_.from.has_value()) {
    *request.mutable_filter()->mutable_accept_time()->mutable_start_time() = ToProto(*options_.from);
  }
  if (options_.to.has_value()) {
    *request.mutable_filter()->mutable_accept_time()->mutable_end_time() = ToProto(*options_.to);
  }
  request.set_view(tthc::v1::DOSSIER_VIEW_REFERENCE);
  request.set_order_by(tthc::v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST);
  request.set_page_size(limits::kPageSizeMax);
  std::optional<std::set<int64_t>> drawn;
  std::vector<std::string> names;
  int64_t position = 0;
  int64_t total = 0;
  while (true) {
    TTHC_ASSIGN_OR_RETURN(const tthc::v1::ListDossiersResponse page, client_.ListDossiers(request));
    // Dossiers may be opened meanwhile.
    total = std::max(total, page.total_size());
    if (options_.sample > 0 && !drawn.has_value()) {
      drawn = DrawPositions(total, std::min(options_.sample, total), options_.seed);
      total = static_cast<int64_t>(drawn->size());
    }
    for (const tthc::v1::Dossier& dossier : page.dossiers()) {
      if (!drawn.has_value() || drawn->contains(position)) names.push_back(dossier.name());
      ++position;
      if (names.size() < static_cast<size_t>(limits::kMirrorDeliveriesPageMax)) continue;
      TTHC_RETURN_IF_ERROR(Look(names, total));
      names.clear();
    }
    const bool all_drawn = drawn.has_value() && (drawn->empty() || *drawn->rbegin() < position);
    if (all_drawn || page.next_page_token().empty()) return Look(names, total);
    request.set_page_token(page.next_page_token());
  }
}

// Reads under the fence of the present lease. If the lease changes hands in between, the new fence is looked up.
absl::StatusOr<std::vector<MirrorDelivery>> Reconciliation::Fetch(const std::vector<std::string>& names) {
  tthc::v1::ListMirrorDeliveriesRequest request;
  request.set_parent(lease_.name());
  for (const std::string& name : names) request.add_dossiers(name);
  std::vector<MirrorDelivery> deliveries;
  int lease_changes = 0;
  do {
    request.set_fence(lease_.fence());
    absl::StatusOr<tthc::v1::ListMirrorDeliveriesResponse> page = client_.ListMirrorDeliveries(request);
    if (ErrorReason(page.status()) == "MIRROR_LEASE_LOST" && ++lease_changes <= kLeaseChangesMax) {
      TTHC_RETURN_IF_ERROR(lease_.Find());
      continue;
    }
    if (!page.ok()) return page.status();
    for (MirrorDelivery& delivery : *page->mutable_deliveries()) deliveries.push_back(std::move(delivery));
    request.set_after_number(page->next_number());
    if (page->next_number() == 0) return deliveries;
  } while (true);
}

// Comparisons have the order of the deliveries, on which TakeChanged relies.
absl::Status Reconciliation::AskAbout(const std::vector<MirrorDelivery>& deliveries, std::vector<Comparison>& found) {
  found.assign(deliveries.size(), {});
  return InWorkers(deliveries.size(), setup_.target.worker_count(), [&](size_t i) -> absl::Status {
    const MirrorDelivery& delivery = deliveries[i];
    const bool is_taken = !MakePlan(setup_.profile, delivery).excluded;
    const MirrorItem::State state = delivery.item().state();
    if (is_taken && (state == MirrorItem::STATE_EXCLUDED || state == MirrorItem::STATE_UNSPECIFIED)) {
      // Opened before the target's start_date: another system may have sent it then.
      found[i].kind = Kind::kExcluded;
      return absl::OkStatus();
    }
    TTHC_ASSIGN_OR_RETURN(const PortalClient::Reply reply,
                          portal_.LookUp(std::make_shared<const MirrorDelivery>(delivery)));
    found[i] = CompareDossier(setup_, delivery, reply);
    return absl::OkStatus();
  });
}

// Reads the dossiers again that differ. Those that changed since are removed from `found` and returned as they are now.
absl::StatusOr<std::vector<MirrorDelivery>> Reconciliation::TakeChanged(const std::vector<MirrorDelivery>& deliveries,
                                                                        std::vector<Comparison>& found) {
  std::vector<std::string> names;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].differs()) names.push_back(deliveries[i].dossier().name());
  }
  std::vector<MirrorDelivery> changed;
  if (names.empty()) return changed;
  TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> now, Fetch(names));
  for (size_t i = 0, n = 0; i < deliveries.size() && n < now.size(); ++i) {
    // Both lists are in the order of numbers, and the second one is a part of the first.
    if (deliveries[i].number() != now[n].number()) continue;
    MirrorDelivery& newer = now[n++];
    const MirrorItem& before = deliveries[i].item();
    const MirrorItem& after = newer.item();
    // Anything that a delivery in between would have changed.
    const bool same = deliveries[i].dossier().revision() == newer.dossier().revision() &&
                      before.state() == after.state() && before.confirmed_revision() == after.confirmed_revision() &&
                      before.confirmed_digest() == after.confirmed_digest() &&
                      before.confirmed_steps_size() == after.confirmed_steps_size();
    if (same) continue;
    // Marks the comparison for removal below.
    found[i].dossier.clear();
    changed.push_back(std::move(newer));
  }
  std::erase_if(found, [](const Comparison& comparison) { return comparison.differs() && comparison.dossier.empty(); });
  return changed;
}

// Reads, asks and compares one page of dossiers. Those that differ are asked about again as long as they change.
absl::Status Reconciliation::Look(const std::vector<std::string>& names, int64_t total) {
  if (names.empty()) return absl::OkStatus();
  std::vector<Comparison> all;
  TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> deliveries, Fetch(names));
  for (int round = 1; !deliveries.empty(); ++round) {
    std::vector<Comparison> found;
    TTHC_RETURN_IF_ERROR(AskAbout(deliveries, found));
    TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> changed, TakeChanged(deliveries, found));
    all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    deliveries = std::move(changed);
    if (round < kRoundsMax) continue;
    // They change faster than they can be compared.
    for (const MirrorDelivery& delivery : std::exchange(deliveries, {})) {
      all.push_back({.kind = Kind::kWaiting,
                     .dossier = delivery.dossier().name(),
                     .own_code = OwnCode(delivery),
                     .code = CodeAtTarget(setup_.profile, delivery),
                     .state = delivery.item().state()});
    }
  }
  if (options_.repair) TTHC_RETURN_IF_ERROR(Repair(all));
  for (const Comparison& comparison : all) Count(comparison);
  if (options_.on_progress) options_.on_progress(counts_.dossiers, total);
  return absl::OkStatus();
}

absl::Status Reconciliation::Repair(std::vector<Comparison>& found) {
  // If the target has the record and all steps, only the record is sent again.
  std::vector<std::string> with_steps;
  std::vector<std::string> without_steps;
  for (Comparison& comparison : found) {
    if (!IsMendable(comparison)) continue;
    const bool lacks_steps = comparison.kind == Kind::kMissing || comparison.steps_missing > 0;
    (lacks_steps ? with_steps : without_steps).push_back(comparison.dossier);
    comparison.repair_asked = true;
  }
  TTHC_RETURN_IF_ERROR(AskForRepair(with_steps, true));
  return AskForRepair(without_steps, false);
}

absl::Status Reconciliation::AskForRepair(const std::vector<std::string>& dossiers, bool resend_steps) {
  if (dossiers.empty()) return absl::OkStatus();
  tthc::v1::RetryMirrorItemsRequest request;
  request.set_parent(lease_.name());
  for (const std::string& dossier : dossiers) {
    request.add_names(absl::StrCat(lease_.name(), "/items/", absl::StripPrefix(dossier, "dossiers/")));
  }
  request.set_reason("đối soát");
  // The target has lost or changed the record, although it confirmed it.
  request.set_resend_record(true);
  request.set_resend_steps(resend_steps);
  return client_.RetryMirrorItems(request).status();
}

// Every dossier that was filed at the target should be registered here.
absl::Status Reconciliation::CompareFilings() {
  TTHC_ASSIGN_OR_RETURN(const PortalClient::Reply reply, portal_.List());
  const absl::StatusOr<std::vector<ordered_json>> filed = FiledIn(setup_, reply);
  if (!filed.ok()) {
    Count({.kind = Kind::kUnasked, .reason = ErrorReason(filed.status()), .is_filing = true});
    return absl::OkStatus();
  }
  for (const ordered_json& entry : *filed) {
    const FiledCodes codes = CodesOf(setup_.profile, entry);
    if (codes.code.empty()) continue;
    TTHC_ASSIGN_OR_RETURN(const bool known, IsRegistered(client_, codes));
    if (!known) Count({.kind = Kind::kForeign, .code = codes.code, .is_filing = true});
  }
  return absl::OkStatus();
}

// Equal and excluded dossiers are counted only; everything else is reported one by one.
void Reconciliation::Count(const Comparison& comparison) {
  if (!comparison.is_filing) ++counts_.dossiers;
  switch (comparison.kind) {
    case Kind::kEqual:
      ++counts_.equal;
      return;
    case Kind::kExcluded:
      ++counts_.excluded;
      return;
    case Kind::kWaiting:
      ++counts_.waiting;
      break;
    case Kind::kMissing:
      ++counts_.missing;
      break;
    case Kind::kStale:
      ++counts_.stale;
      break;
    case Kind::kForeign:
      ++(comparison.is_filing ? counts_.filings : counts_.foreign);
      break;
    case Kind::kUnasked:
      ++counts_.unasked;
      break;
  }
  if (comparison.differs() && comparison.state == MirrorItem::STATE_PARKED) ++counts_.parked;
  if (comparison.differs() && comparison.state == MirrorItem::STATE_SKIPPED) ++counts_.skipped;
  if (comparison.repair_asked) ++counts_.repairs_asked;
  if (options_.on_found) options_.on_found(comparison);
}

absl::Status LookupNotPossible(const TargetSetup& setup) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "LOOKUP_NOT_POSSIBLE",
                    .message = absl::StrCat("the profile of \"", setup.target.id(), "\" has no look-up"),
                    .message_vi = absl::StrCat("Profile của \"", setup.target.id(), "\" không có dịch vụ tra cứu"),
                    .metadata = {{"target", setup.target.id()}}});
}

}  // namespace

Comparison CompareDossier(const TargetSetup& setup, const MirrorDelivery& delivery, const PortalClient::Reply& reply) {
  Comparison result{.dossier = delivery.dossier().name(),
                    .own_code = OwnCode(delivery),
                    .code = CodeAtTarget(setup.profile, delivery),
                    .state = delivery.item().state()};
  const Plan plan = MakePlan(setup.profile, delivery);
  result.status_here = plan.status;
  result.status_there = reply.answer.found_status;
  // The target should have nothing under this code.
  if (plan.excluded && ReportsAnything(setup.profile, reply)) {
    result.kind = Kind::kForeign;
    return result;
  }
  if (reply.answer.verdict != Verdict::kDone) {
    result.kind = Kind::kUnasked;
    result.reason = reply.answer.reason;
    return result;
  }
  if (plan.excluded) {
    result.kind = Kind::kExcluded;
    return result;
  }
  result.kind = Evaluate(setup, delivery, ResultIn(setup, delivery, reply), result);
  // A pending dossier is expected to differ until it is sent.
  const bool is_pending = delivery.item().state() == MirrorItem::STATE_PENDING;
  if (is_pending && (result.kind == Kind::kMissing || result.kind == Kind::kStale)) result.kind = Kind::kWaiting;
  return result;
}

bool IsMendable(const Comparison& comparison) {
  if (comparison.state != MirrorItem::STATE_CONFIRMED) return false;
  if (comparison.kind == Kind::kMissing) return true;
  return comparison.kind == Kind::kStale && (!comparison.fields.empty() || comparison.steps_missing > 0);
}

// Without a look-up there is nothing to compare with.
absl::StatusOr<ReconcileCounts> Reconcile(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const ReconcileOptions& options) {
  if (!setup.profile.has_lookup()) return LookupNotPossible(setup);
  return Reconciliation(client, portal, setup, options).Run();
}

}  // namespace tthc::sync
