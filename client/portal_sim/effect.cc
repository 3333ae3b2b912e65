#include "client/portal_sim/effect.h"

#include <algorithm>
#include <cstdint>

#include "client/portal_sim/rules.h"
#include "storage/base/errors.h"

namespace tthc::portal_sim {
namespace {

struct Name {
  Effect::Kind kind;
  const char* text;
  bool has_list = false;
};

// The names as they stand in state files. None may ever change: a file of an earlier version must still load.
constexpr Name kEffectNames[] = {
    {Effect::Kind::kSession, "session"},       {Effect::Kind::kSessionsDropped, "sessions_dropped"},
    {Effect::Kind::kRecords, "records", true}, {Effect::Kind::kSteps, "steps", true},
    {Effect::Kind::kFiling, "filing"},         {Effect::Kind::kReceived, "received"},
    {Effect::Kind::kForgotten, "forgotten"},   {Effect::Kind::kRefusal, "refusal"},
    {Effect::Kind::kAcceptance, "acceptance"},
};

absl::Status NoEffect() {
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "JOURNAL_UNREADABLE",
                    .message = "a line of the simulator's state file can't be read",
                    .message_vi = "Một dòng trong tệp trạng thái của bộ mô phỏng không đọc được"});
}

}  // namespace

// Only the members that the kind uses, and the time in microseconds, to which Portal::Commit cuts it: ReadEffect() of
// the line gives the same effect again.
std::string WriteEffect(const Effect& effect) {
  Json line;
  for (const Name& name : kEffectNames) {
    if (name.kind == effect.kind) line["op"] = name.text;
  }
  line["system"] = effect.system;
  line["time"] = absl::ToUnixMicros(effect.time);
  if (!effect.code.empty()) line["code"] = effect.code;
  if (!effect.text.empty()) line["text"] = effect.text;
  if (!effect.data.is_null()) line["data"] = effect.data;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Checks what Portal::Apply relies on, above all that lists hold objects. A file that somebody edited must end in
// DATA_LOSS, not in an exception of the JSON library.
absl::StatusOr<Effect> ReadEffect(absl::string_view line) {
  const Json json = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object() || !json.contains("time") || !json["time"].is_number_integer()) return NoEffect();
  const std::string op = TextOf(json, "op");
  const auto* const name = std::find_if(std::begin(kEffectNames), std::end(kEffectNames),
                                        [&](const Name& candidate) { return op == candidate.text; });
  if (name == std::end(kEffectNames)) return NoEffect();
  Effect effect{.kind = name->kind,
                .system = TextOf(json, "system"),
                .time = absl::FromUnixMicros(json["time"].get<int64_t>()),
                .code = TextOf(json, "code"),
                .text = TextOf(json, "text"),
                .data = json.contains("data") ? json["data"] : Json(nullptr)};
  if (!name->has_list) return effect;
  const bool is_list = effect.data.is_array() && std::all_of(effect.data.begin(), effect.data.end(),
                                                             [](const Json& entry) { return entry.is_object(); });
  if (!is_list) return NoEffect();
  return effect;
}

}  // namespace tthc::portal_sim
