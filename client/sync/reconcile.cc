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

// How the interface calls an agency in its envelopes, should a record say whose it is.
constexpr const char* kAgencyKeys[] = {"madonvi", "MaDonVi", "MaDinhDanhDV"};
// Dossiers that move on while they are looked at are read again so often.
constexpr int kRoundsMax = 3;
// Deliveries come in several portions where they are large; and a lease may change hands in between.
constexpr int kLeaseChangesMax = 20;

std::string Plain(const ordered_json& value) { return std::string(absl::StripAsciiWhitespace(ScalarText(value))); }

// Both filled, and not the same: "True" is true.
bool Contradict(const ordered_json& ours, const ordered_json& theirs) {
  const std::string a = Plain(ours);
  const std::string b = Plain(theirs);
  return !a.empty() && !b.empty() && !absl::EqualsIgnoreCase(a, b);
}

bool IsScalar(const v1::Field& field) {
  return field.kind() != v1::Field::LIST && field.kind() != v1::Field::EMPTY_LIST;
}

bool IsForeign(const TargetSetup& setup, const ordered_json& ours, const ordered_json& theirs) {
  const auto procedure = theirs.find(FieldFrom(setup.profile.record_fields(), "procedure"));
  if (procedure != theirs.end() && Contradict(ours.at(procedure.key()), *procedure)) return true;
  return std::any_of(std::begin(kAgencyKeys), std::end(kAgencyKeys), [&](const char* key) {
    const auto agency = theirs.find(key);
    return agency != theirs.end() && !ours.contains(key) && Contradict(setup.target.agency(), *agency);
  });
}

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
  const auto told = theirs.find(profile.lookup_steps());
  if (profile.lookup_steps().empty() || told == theirs.end() || !told->is_array()) return;
  const auto ours = std::count_if(delivery.steps().begin(), delivery.steps().end(),
                                  [&](const auto& step) { return FindStepWords(profile, step.event()) != nullptr; });
  const auto known = static_cast<std::ptrdiff_t>(KnownSteps(profile, delivery, *told).size());
  result.steps_missing = static_cast<int>(ours - known);
  result.steps_extra = static_cast<int>(static_cast<std::ptrdiff_t>(told->size()) - known);
}

Kind Judged(const TargetSetup& setup, const MirrorDelivery& delivery, const ordered_json* theirs, Comparison& result) {
  if (theirs == nullptr) return Kind::kMissing;
  const ordered_json ours = RenderRecord(setup.profile, delivery).json;
  CompareFields(setup.profile, ours, *theirs, result);
  if (IsForeign(setup, ours, *theirs)) return Kind::kForeign;
  CompareSteps(setup.profile, delivery, *theirs, result);
  const bool same = result.fields.empty() && result.steps_missing == 0 && result.steps_extra == 0;
  return same ? Kind::kEqual : Kind::kStale;
}

// The result about the dossier; nullptr if the target does not have it.
const ordered_json* ResultIn(const TargetSetup& setup, const MirrorDelivery& delivery,
                             const PortalClient::Reply& reply) {
  if (!reply.answer.found) return nullptr;
  const v1::AnswerKeys& keys = setup.profile.answer_keys();
  const ordered_json* const results = FindKey(keys, reply.body.json, keys.results());
  return results == nullptr ? nullptr : FindResult(setup.profile, delivery, *results);
}

// An answer about somebody's dossier.
bool TellsAnything(const v1::Profile& profile, const PortalClient::Reply& reply) {
  const v1::AnswerKeys& keys = profile.answer_keys();
  const ordered_json* const results = FindKey(keys, reply.body.json, keys.results());
  return results != nullptr && results->is_structured() && !results->empty();
}

template <typename Work>
absl::Status InLanes(size_t count, int lanes, const Work& work) {
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
  for (size_t i = 0; i < std::min(count, static_cast<size_t>(std::max(lanes, 1))); ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& error : errors) TTHC_RETURN_IF_ERROR(error);
  return absl::OkStatus();
}

absl::Status Retired(const std::string& target) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "TARGET_RETIRED",
                    .message = absl::StrCat("the target \"", target, "\" is retired: it is not told anything"),
                    .message_vi = absl::StrCat("Hệ thống \"", target, "\" đã ngừng dùng: không còn gửi gì đến đó"),
                    .metadata = {{"target", target}}});
}

// The right to read deliveries. While a tthc-sync runs its fence does; otherwise the target is acquired, and given back
// as it was found.
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
    // If somebody has taken over meanwhile there is nothing to give back.
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
  absl::StatusOr<std::vector<MirrorDelivery>> MovedOn(const std::vector<MirrorDelivery>& deliveries,
                                                      std::vector<Comparison>& found);
  absl::Status Repair(std::vector<Comparison>& found);
  absl::Status AskForRepair(const std::vector<std::string>& dossiers, bool forget_steps);
  absl::Status CompareFilings();
  void Count(const Comparison& comparison);

  sdk::Client& client_;
  PortalClient& portal_;
  const TargetSetup& setup_;
  const ReconcileOptions& options_;
  Lease lease_;
  ReconcileCounts counts_;
};

// Positions out of [0, total), rising.
std::set<int64_t> DrawPositions(int64_t total, int64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::set<int64_t> drawn;
  // Floyd: each set of `count` is as likely as any other.
  for (int64_t i = total - count; i < total; ++i) {
    const int64_t position = std::uniform_int_distribution<int64_t>(0, i)(random);
    if (!drawn.insert(position).second) drawn.insert(i);
  }
  return drawn;
}

absl::Status Reconciliation::WalkDossiers() {
  tthc::v1::ListDossiersRequest request;
  if (options_.from.has_value()) *request.mutable_filter()->mutable_accept_time_from() = ToProto(*options_.from);
  if (options_.to.has_value()) *request.mutable_filter()->mutable_accept_time_to() = ToProto(*options_.to);
  request.set_order_by(tthc::v1::ListDossiersRequest::OLDEST_FIRST);
  request.set_page_size(limits::kPageSizeMax);
  std::optional<std::set<int64_t>> drawn;
  std::vector<std::string> names;
  int64_t position = 0;
  int64_t total = 0;
  while (true) {
    TTHC_ASSIGN_OR_RETURN(const tthc::v1::ListDossiersResponse page, client_.ListDossiers(request));
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

absl::StatusOr<std::vector<MirrorDelivery>> Reconciliation::Fetch(const std::vector<std::string>& names) {
  tthc::v1::ListMirrorDeliveriesRequest request;
  request.set_name(lease_.name());
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

absl::Status Reconciliation::AskAbout(const std::vector<MirrorDelivery>& deliveries, std::vector<Comparison>& found) {
  found.assign(deliveries.size(), {});
  return InLanes(deliveries.size(), setup_.target.lanes(), [&](size_t i) -> absl::Status {
    const MirrorDelivery& delivery = deliveries[i];
    const bool is_owed = MakePlan(setup_.profile, delivery).owed;
    const MirrorItem::State state = delivery.item().state();
    if (is_owed && (state == MirrorItem::NOT_OWED || state == MirrorItem::STATE_UNSPECIFIED)) {
      // From before the target's start: whoever told it then may have told it.
      found[i].kind = Kind::kNotOwed;
      return absl::OkStatus();
    }
    TTHC_ASSIGN_OR_RETURN(const PortalClient::Reply reply,
                          portal_.LookUp(std::make_shared<const MirrorDelivery>(delivery)));
    found[i] = CompareDossier(setup_, delivery, reply);
    return absl::OkStatus();
  });
}

// Takes what moved on since it was read out of `found`, where it differs; gives it as it is now.
absl::StatusOr<std::vector<MirrorDelivery>> Reconciliation::MovedOn(const std::vector<MirrorDelivery>& deliveries,
                                                                    std::vector<Comparison>& found) {
  std::vector<std::string> names;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].differs()) names.push_back(deliveries[i].dossier().name());
  }
  std::vector<MirrorDelivery> moved;
  if (names.empty()) return moved;
  TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> now, Fetch(names));
  for (size_t i = 0, n = 0; i < deliveries.size() && n < now.size(); ++i) {
    if (deliveries[i].number() != now[n].number()) continue;
    MirrorDelivery& newer = now[n++];
    const MirrorItem& before = deliveries[i].item();
    const MirrorItem& after = newer.item();
    const bool same = deliveries[i].dossier().revision() == newer.dossier().revision() &&
                      before.state() == after.state() && before.confirmed_revision() == after.confirmed_revision() &&
                      before.confirmed_digest() == after.confirmed_digest() &&
                      before.confirmed_steps_size() == after.confirmed_steps_size();
    if (same) continue;
    found[i].dossier.clear();
    moved.push_back(std::move(newer));
  }
  std::erase_if(found, [](const Comparison& comparison) { return comparison.differs() && comparison.dossier.empty(); });
  return moved;
}

absl::Status Reconciliation::Look(const std::vector<std::string>& names, int64_t total) {
  if (names.empty()) return absl::OkStatus();
  std::vector<Comparison> all;
  TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> deliveries, Fetch(names));
  for (int round = 1; !deliveries.empty(); ++round) {
    std::vector<Comparison> found;
    TTHC_RETURN_IF_ERROR(AskAbout(deliveries, found));
    TTHC_ASSIGN_OR_RETURN(std::vector<MirrorDelivery> moved, MovedOn(deliveries, found));
    all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    deliveries = std::move(moved);
    if (round < kRoundsMax) continue;
    // Told faster than it can be asked about.
    for (const MirrorDelivery& delivery : std::exchange(deliveries, {})) {
      all.push_back({.kind = Kind::kWaiting,
                     .dossier = delivery.dossier().name(),
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
  // Steps that it has are not told again; where nothing is there, all are.
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

absl::Status Reconciliation::AskForRepair(const std::vector<std::string>& dossiers, bool forget_steps) {
  if (dossiers.empty()) return absl::OkStatus();
  tthc::v1::RetryMirrorItemsRequest request;
  request.set_name(lease_.name());
  for (const std::string& dossier : dossiers) request.add_dossiers(dossier);
  request.set_reason("đối soát");
  request.set_forget_record(true);
  request.set_forget_steps(forget_steps);
  return client_.RetryMirrorItems(request).status();
}

// Whatever was filed there should have been pulled.
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

void Reconciliation::Count(const Comparison& comparison) {
  if (!comparison.is_filing) ++counts_.dossiers;
  switch (comparison.kind) {
    case Kind::kEqual:
      ++counts_.equal;
      return;
    case Kind::kNotOwed:
      ++counts_.not_owed;
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
  if (comparison.differs() && comparison.state == MirrorItem::PARKED) ++counts_.parked;
  if (comparison.differs() && comparison.state == MirrorItem::SKIPPED) ++counts_.skipped;
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
                    .code = CodeAtTarget(setup.profile, delivery),
                    .state = delivery.item().state()};
  const Plan plan = MakePlan(setup.profile, delivery);
  result.status_here = plan.status;
  result.status_there = reply.answer.found_status;
  // Whatever it is, there should be nothing.
  if (!plan.owed && TellsAnything(setup.profile, reply)) {
    result.kind = Kind::kForeign;
    return result;
  }
  if (reply.answer.verdict != Verdict::kDone) {
    result.kind = Kind::kUnasked;
    result.reason = reply.answer.reason;
    return result;
  }
  if (!plan.owed) {
    result.kind = Kind::kNotOwed;
    return result;
  }
  result.kind = Judged(setup, delivery, ResultIn(setup, delivery, reply), result);
  const bool on_its_way = delivery.item().state() == MirrorItem::PENDING;
  if (on_its_way && (result.kind == Kind::kMissing || result.kind == Kind::kStale)) result.kind = Kind::kWaiting;
  return result;
}

bool IsMendable(const Comparison& comparison) {
  if (comparison.state != MirrorItem::CONFIRMED) return false;
  if (comparison.kind == Kind::kMissing) return true;
  return comparison.kind == Kind::kStale && (!comparison.fields.empty() || comparison.steps_missing > 0);
}

absl::StatusOr<ReconcileCounts> Reconcile(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const ReconcileOptions& options) {
  if (!setup.profile.has_lookup()) return LookupNotPossible(setup);
  return Reconciliation(client, portal, setup, options).Run();
}

}  // namespace tthc::sync
