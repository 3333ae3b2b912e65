#include "tests/testing/portal_differences.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/sync/plan.h"
#include "client/sync/sources.h"
#include "nlohmann/json.hpp"

namespace tthc::testing {
namespace {

using nlohmann::json;
using sync::CallKind;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorItem;

// Records or steps as a call would send them.
json SentData(const sync::Adapter& adapter, const sync::Call& call) {
  const json body = json::parse(adapter.MakeRequest(call, "", "").body);
  return body.is_array() ? body : body.at("data");
}

class Comparison {
 public:
  Comparison(const sync::v1::Profile& profile, const sync::Adapter& adapter, const portal_sim::Portal& portal)
      : profile_(profile), adapter_(adapter), portal_(portal) {}

  void Compare(const MirrorDelivery& delivery);
  std::vector<std::string> found;

 private:
  void Expect(bool holds, const std::string& otherwise) {
    if (!holds) found.push_back(otherwise);
  }
  void CompareSteps(const std::string& code, const sync::DeliveryPtr& delivery, const portal_sim::SimDossier& known);

  const sync::v1::Profile& profile_;
  const sync::Adapter& adapter_;
  const portal_sim::Portal& portal_;
};

void Comparison::Compare(const MirrorDelivery& delivery) {
  const std::string code = sync::CodeAtTarget(profile_, delivery);
  const MirrorItem::State state = delivery.item().state();
  const std::string state_name = MirrorItem::State_Name(state);
  const portal_sim::SimDossier* const known = portal_.Find(profile_.id(), code);
  if (sync::MakePlan(profile_, delivery).excluded) {
    Expect(state == MirrorItem::STATE_EXCLUDED && known == nullptr, code + " should be excluded, and is " + state_name);
    return;
  }
  if (!portal_.RefusalOf(code).empty()) {
    Expect(state == MirrorItem::STATE_PARKED, code + " is refused, and is " + state_name);
    return;
  }
  Expect(state == MirrorItem::STATE_CONFIRMED, code + " is " + state_name);
  if (known == nullptr || known->records.empty()) {
    found.push_back(code + " is not at the portal");
    return;
  }
  const auto ours = std::make_shared<const MirrorDelivery>(delivery);
  const json record = SentData(adapter_, {.kind = CallKind::kUpdate, .delivery = ours}).at(0);
  Expect(record == json::parse(known->records.back().json), code + " has another record there");
  CompareSteps(code, ours, *known);
}

void Comparison::CompareSteps(const std::string& code, const sync::DeliveryPtr& delivery,
                              const portal_sim::SimDossier& known) {
  MirrorDelivery unsent = *delivery;
  unsent.clear_item();
  const sync::Plan plan = sync::MakePlan(profile_, unsent);
  json sent = json::array();
  if (!plan.steps.empty()) {
    sent = SentData(adapter_, {.kind = CallKind::kSteps, .delivery = delivery, .steps = plan.steps});
  }
  json applied = json::array();
  for (const portal_sim::SimStep& step : known.steps) applied.push_back(json::parse(step.json));
  Expect(sent == applied,
         absl::StrCat(code, ": ", sent.size(), " steps here, ", applied.size(), " there, or in another order"));
}

}  // namespace

std::vector<std::string> PortalDifferences(const std::vector<MirrorDelivery>& deliveries,
                                           const sync::v1::Profile& profile, const sync::Adapter& adapter,
                                           const portal_sim::Portal& portal) {
  Comparison comparison(profile, adapter, portal);
  for (const MirrorDelivery& delivery : deliveries) comparison.Compare(delivery);
  return comparison.found;
}

}  // namespace tthc::testing
