#include "client/sync/lookup.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "client/sync/outcome.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorStep;

constexpr const char* kCodeSources[] = {"told_code", "first_code", "code", "alias"};
// What makes a step this step, whatever people and units are called meanwhile.
const std::set<std::string>& Essence() {
  static const auto* const kSources = new std::set<std::string>{"step.time", "step.text", "step.status"};
  return *kSources;
}

enum class Likeness { kWhole, kEssence };

// A step in one line, by the profile's fields: alike lines are alike steps.
std::string LineOf(const v1::Profile& profile, const ordered_json& step, Likeness likeness) {
  ordered_json line = ordered_json::array();
  for (const v1::Field& field : profile.step_fields()) {
    if (likeness == Likeness::kEssence && !Essence().contains(field.from())) continue;
    const auto found = step.find(field.name());
    line.push_back(found == step.end() ? "" : ScalarText(*found));
  }
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Those that are confirmed first: what is told is most likely them.
std::vector<const MirrorStep*> StepsByTrust(const v1::Profile& profile, const MirrorDelivery& delivery) {
  const auto& confirmed = delivery.item().confirmed_steps();
  const std::set<int64_t> is_confirmed(confirmed.begin(), confirmed.end());
  std::vector<const MirrorStep*> steps;
  for (const MirrorStep& step : delivery.steps()) {
    if (FindStepWords(profile, step.event()) != nullptr) steps.push_back(&step);
  }
  std::stable_partition(steps.begin(), steps.end(),
                        [&](const MirrorStep* step) { return is_confirmed.contains(step->event().revision()); });
  return steps;
}

// Matches what is left of `told` with what is left of `steps`, and takes the pairs out.
void Match(const v1::Profile& profile, const MirrorDelivery& delivery, Likeness likeness,
           std::vector<const MirrorStep*>& steps, std::vector<ordered_json>& told, std::vector<int64_t>& known) {
  std::multimap<std::string, size_t> lines;
  for (size_t i = 0; i < told.size(); ++i) lines.emplace(LineOf(profile, told[i], likeness), i);
  std::set<size_t> used;
  std::erase_if(steps, [&](const MirrorStep* step) {
    const auto found = lines.find(LineOf(profile, RenderStep(profile, delivery, *step).json, likeness));
    if (found == lines.end()) return false;
    used.insert(found->second);
    lines.erase(found);
    known.push_back(step->event().revision());
    return true;
  });
  std::vector<ordered_json> left;
  for (size_t i = 0; i < told.size(); ++i) {
    if (!used.contains(i)) left.push_back(std::move(told[i]));
  }
  told = std::move(left);
}

}  // namespace

const ordered_json* FindResult(const v1::Profile& profile, const MirrorDelivery& delivery,
                               const ordered_json& results) {
  if (results.is_object()) return FindResult(profile, delivery, ordered_json::array({results})) ? &results : nullptr;
  if (!results.is_array()) return nullptr;
  const ordered_json ours = RenderRecord(profile, delivery).json;
  const ordered_json* nameless = nullptr;
  for (const ordered_json& result : results) {
    if (!result.is_object()) continue;
    bool has_code = false;
    for (const char* const source : kCodeSources) {
      const auto theirs = result.find(FieldFrom(profile.record_fields(), source));
      if (theirs == result.end()) continue;
      has_code = true;
      if (ScalarText(*theirs) == ScalarText(ours.at(theirs.key()))) return &result;
    }
    if (!has_code) nameless = &result;
  }
  // One code was asked for: a single answer without a code is about it.
  return results.size() == 1 ? nameless : nullptr;
}

std::vector<int64_t> KnownSteps(const v1::Profile& profile, const MirrorDelivery& delivery, const ordered_json& told) {
  std::vector<ordered_json> theirs;
  for (const ordered_json& step : told) {
    if (step.is_object()) theirs.push_back(step);
  }
  std::vector<const MirrorStep*> ours = StepsByTrust(profile, delivery);
  std::vector<int64_t> known;
  Match(profile, delivery, Likeness::kWhole, ours, theirs, known);
  Match(profile, delivery, Likeness::kEssence, ours, theirs, known);
  std::sort(known.begin(), known.end());
  return known;
}

}  // namespace tthc::sync
