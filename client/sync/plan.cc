#include "client/sync/plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/digest.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorStep;

// Keeps the first reason: a person mends one at a time.
void Hold(Plan& plan, const std::string& reason, const std::string& message) {
  if (!plan.hold.reason().empty()) return;
  plan.hold.set_reason(reason);
  plan.hold.set_message(message);
}

void HoldUnmapped(Plan& plan, tthc::v1::Dossier::State state) {
  const std::string name = tthc::v1::Dossier::State_Name(state);
  Hold(plan, "STATUS_UNMAPPED",
       absl::StrCat("Trạng thái ", name, " chưa có mã ở hệ thống nhận: thêm một dòng \"statuses\" vào cấu hình của ",
                    "tthc-sync. / State ", name, " has no code at the target: add a \"statuses\" row to the ",
                    "configuration of tthc-sync."));
}

void HoldMissing(Plan& plan, const std::vector<std::string>& fields) {
  const std::string names = absl::StrJoin(fields, ", ");
  Hold(
      plan, "FIELD_MISSING",
      absl::StrCat("Hồ sơ thiếu dữ liệu cho ", names, ": bổ sung hoặc đính chính hồ sơ. / The dossier has nothing for ",
                   names, ": complete or amend it."));
}

// Steps to send, in their order.
std::vector<const MirrorStep*> PendingSteps(const v1::Profile& profile, const MirrorDelivery& delivery) {
  const auto& confirmed = delivery.item().confirmed_steps();
  const std::set<int64_t> sent(confirmed.begin(), confirmed.end());
  std::vector<const MirrorStep*> pending;
  for (const MirrorStep& step : delivery.steps()) {
    const int64_t revision = step.event().revision();
    if (sent.contains(revision) || revision <= delivery.item().skipped_revision()) continue;
    if (FindStepWords(profile, step.event()) == nullptr) continue;
    pending.push_back(&step);
  }
  // By occurrence, as people read them; late entries go between earlier ones. The revision decides between equal times.
  const auto order = [](const MirrorStep* step) {
    return std::tuple(FromProto(step->event().occur_time()), step->event().revision());
  };
  std::sort(pending.begin(), pending.end(), [&](const auto* a, const auto* b) { return order(a) < order(b); });
  return pending;
}

// A step that can't be rendered holds the whole dossier: leaving it out would change the order of the others.
void PlanSteps(const v1::Profile& profile, const MirrorDelivery& delivery, Plan& plan) {
  if (!profile.has_steps()) return;
  for (const MirrorStep* const step : PendingSteps(profile, delivery)) {
    if (StatusCode(profile, step->state(), step->pause_reason()).empty()) HoldUnmapped(plan, step->state());
    const Rendered rendered = RenderStep(profile, delivery, *step);
    if (!rendered.missing.empty()) HoldMissing(plan, rendered.missing);
    plan.steps.push_back(step->event().revision());
  }
}

}  // namespace

// Renders everything, also what was confirmed: only the bytes say whether the target has the present record.
Plan MakePlan(const v1::Profile& profile, const MirrorDelivery& delivery) {
  Plan plan;
  // With an alias prefix the target takes only dossiers that came from it.
  const bool is_foreign = !profile.alias_prefix().empty() && AliasAtTarget(profile, delivery).empty();
  if (is_foreign || !HasLastingCode(profile, delivery)) {
    plan.excluded = true;
    return plan;
  }
  plan.status = StatusCode(profile, delivery);
  if (plan.status.empty()) HoldUnmapped(plan, delivery.dossier().state());
  const Rendered record = RenderRecord(profile, delivery);
  if (!record.missing.empty()) HoldMissing(plan, record.missing);
  // The server accepts valid UTF-8 only. Should a bad byte get here all the same, it must not end the program.
  plan.record_digest = Sha256(record.json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  plan.record_pending = plan.record_digest != delivery.item().confirmed_digest();
  PlanSteps(profile, delivery, plan);
  return plan;
}

}  // namespace tthc::sync
