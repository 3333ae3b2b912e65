#include "client/sync/plan.h"

#include <openssl/sha.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorStep;

std::string Sha256(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

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

// Steps to tell, in their order.
std::vector<const MirrorStep*> OwedSteps(const v1::Profile& profile, const MirrorDelivery& delivery) {
  const auto& confirmed = delivery.item().confirmed_steps();
  const std::set<int64_t> told(confirmed.begin(), confirmed.end());
  std::vector<const MirrorStep*> owed;
  for (const MirrorStep& step : delivery.steps()) {
    const int64_t revision = step.event().revision();
    if (told.contains(revision) || revision <= delivery.item().skipped_revision()) continue;
    if (FindStepWords(profile, step.event()) == nullptr) continue;
    owed.push_back(&step);
  }
  const auto order = [](const MirrorStep* step) {
    return std::tuple(FromProto(step->event().occur_time()), step->event().revision());
  };
  std::sort(owed.begin(), owed.end(), [&](const auto* a, const auto* b) { return order(a) < order(b); });
  return owed;
}

void PlanSteps(const v1::Profile& profile, const MirrorDelivery& delivery, Plan& plan) {
  if (!profile.has_steps()) return;
  for (const MirrorStep* const step : OwedSteps(profile, delivery)) {
    if (StatusCode(profile, step->state(), step->pause_reason()).empty()) HoldUnmapped(plan, step->state());
    const Rendered rendered = RenderStep(profile, delivery, *step);
    if (!rendered.missing.empty()) HoldMissing(plan, rendered.missing);
    plan.steps.push_back(step->event().revision());
  }
}

}  // namespace

Plan MakePlan(const v1::Profile& profile, const MirrorDelivery& delivery) {
  Plan plan;
  const bool is_strange = !profile.alias_prefix().empty() && AliasAtTarget(profile, delivery).empty();
  if (is_strange || !HasLastingCode(profile, delivery)) {
    plan.owed = false;
    return plan;
  }
  plan.status = StatusCode(profile, delivery);
  if (plan.status.empty()) HoldUnmapped(plan, delivery.dossier().state());
  const Rendered record = RenderRecord(profile, delivery);
  if (!record.missing.empty()) HoldMissing(plan, record.missing);
  // Texts are checked when they come in, so that nothing can fail here; still, a bad byte must not end the program.
  plan.record_digest = Sha256(record.json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  plan.record_owed = plan.record_digest != delivery.item().confirmed_digest();
  PlanSteps(profile, delivery, plan);
  return plan;
}

}  // namespace tthc::sync
