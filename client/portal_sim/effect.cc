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

constexpr Name kNames[] = {
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

std::string WriteEffect(const Effect& effect) {
  Json line;
  for (const Name& name : kNames) {
    if (name.kind == effect.kind) line["op"] = name.text;
  }
  line["system"] = effect.system;
  line["time"] = absl::ToUnixMicros(effect.time);
  if (!effect.code.empty()) line["code"] = effect.code;
  if (!effect.text.empty()) line["text"] = effect.text;
  if (!effect.data.is_null()) line["data"] = effect.data;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Effect> ReadEffect(absl::string_view line) {
  const Json json = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object() || !json.contains("time") || !json["time"].is_number_integer()) return NoEffect();
  const std::string op = TextOf(json, "op");
  const auto* const name =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& candidate) { return op == candidate.text; });
  if (name == std::end(kNames)) return NoEffect();
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
