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

constexpr const char* kCodeSources[] = {"external_code", "first_code", "code", "alias"};
// Sources that identify a step even if people or units were renamed since it was sent.
const std::set<std::string>& IdentifyingSources() {
  static const auto* const kLookupSources = new std::set<std::string>{"step.time", "step.text", "step.status"};
  return *kLookupSources;
}

enum class Likeness { kAllFields, kIdentifyingFields };

// A step as one text over the profile's fields: equal texts are equal steps.
std::string LineOf(const v1::Profile& profile, const ordered_json& step, Likeness likeness) {
  ordered_json line = ordered_json::array();
  for (const v1::Field& field : profile.step_fields()) {
    if (likeness == Likeness::kIdentifyingFields && !IdentifyingSources().contains(field.from())) continue;
    const auto found = step.find(field.name());
    line.push_back(found == step.end() ? "" : ScalarText(*found));
  }
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Our steps, those that are confirmed first: of several that look alike, the target most likely has these.
std::vector<const MirrorStep*> ConfirmedFirst(const v1::Profile& profile, const MirrorDelivery& delivery) {
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

// Matches `steps` with `reported`, removes the pairs from both and adds their revisions to `known`.
void Match(const v1::Profile& profile, const MirrorDelivery& delivery, Likeness likeness,
           std::vector<const MirrorStep*>& steps, std::vector<ordered_json>& reported, std::vector<int64_t>& known) {
  std::multimap<std::string, size_t> lines;
  for (size_t i = 0; i < reported.size(); ++i) lines.emplace(LineOf(profile, reported[i], likeness), i);
  // Each reported step is used once: of two steps of ours that look alike, both are known only if both are reported.
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
  for (size_t i = 0; i < reported.size(); ++i) {
    if (!used.contains(i)) left.push_back(std::move(reported[i]));
  }
  reported = std::move(left);
}

}  // namespace

// Targets answer with a list or with one object, and some under another of the dossier's codes than the one asked for.
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
  // Only one code was asked about, so a single result without any code is about it.
  return results.size() == 1 ? nameless : nullptr;
}

std::vector<int64_t> KnownSteps(const v1::Profile& profile, const MirrorDelivery& delivery,
                                const ordered_json& reported) {
  std::vector<ordered_json> theirs;
  for (const ordered_json& step : reported) {
    if (step.is_object()) theirs.push_back(step);
  }
  std::vector<const MirrorStep*> ours = ConfirmedFirst(profile, delivery);
  std::vector<int64_t> known;
  // Exact matches first, so that a renamed person does not take the place of an exact one.
  Match(profile, delivery, Likeness::kAllFields, ours, theirs, known);
  Match(profile, delivery, Likeness::kIdentifyingFields, ours, theirs, known);
  std::sort(known.begin(), known.end());
  return known;
}

}  // namespace tthc::sync
