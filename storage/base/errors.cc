#include "storage/base/errors.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace tthc {
namespace {

// The whole google.rpc.Status as one payload, under the type URL that gRPC's own status details have.
constexpr char kPayloadUrl[] = "type.googleapis.com/google.rpc.Status";

std::optional<google::rpc::Status> Payload(const absl::Status& status) {
  const absl::optional<absl::Cord> cord = status.GetPayload(kPayloadUrl);
  if (!cord.has_value()) return std::nullopt;
  google::rpc::Status rpc;
  if (!rpc.ParseFromString(std::string(*cord))) return std::nullopt;
  return rpc;
}

// The first detail of a type. Details are few, so they are searched and not indexed.
template <typename Detail>
std::optional<Detail> FindDetail(const absl::Status& status) {
  const std::optional<google::rpc::Status> rpc = Payload(status);
  if (!rpc.has_value()) return std::nullopt;
  for (const auto& any : rpc->details()) {
    Detail detail;
    if (any.Is<Detail>() && any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

absl::Status WithPayload(absl::StatusCode code, const google::rpc::Status& rpc) {
  absl::Status status(code, rpc.message());
  status.SetPayload(kPayloadUrl, absl::Cord(rpc.SerializeAsString()));
  return status;
}

// Replaces the path `field` by `path` wherever the error has it: in the details, and at the head of the messages that
// InvalidField makes.
absl::Status RenameField(const std::string& field, const std::string& path, const absl::Status& status) {
  std::optional<google::rpc::Status> rpc = Payload(status);
  if (!rpc.has_value()) return status;
  const auto replace_head = [&](const std::string& text) {
    return text.rfind(field + ":", 0) == 0 ? path + text.substr(field.size()) : text;
  };
  rpc->set_message(replace_head(rpc->message()));
  for (auto& any : *rpc->mutable_details()) {
    google::rpc::BadRequest bad_request;
    google::rpc::ErrorInfo info;
    google::rpc::LocalizedMessage localized;
    if (any.UnpackTo(&bad_request)) {
      for (auto& violation : *bad_request.mutable_field_violations()) {
        if (violation.field() == field) violation.set_field(path);
        violation.set_description(replace_head(violation.description()));
      }
      any.PackFrom(bad_request);
    } else if (any.UnpackTo(&info)) {
      const auto named = info.mutable_metadata()->find("field");
      if (named != info.mutable_metadata()->end() && named->second == field) named->second = path;
      any.PackFrom(info);
    } else if (any.UnpackTo(&localized)) {
      localized.set_message(replace_head(localized.message()));
      any.PackFrom(localized);
    }
  }
  return WithPayload(status.code(), *rpc);
}

}  // namespace

absl::Status MakeError(const ErrorSpec& spec) {
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(spec.code));
  rpc.set_message(spec.message);

  google::rpc::ErrorInfo info;
  info.set_reason(spec.reason.data(), spec.reason.size());
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : spec.metadata) (*info.mutable_metadata())[key] = value;
  rpc.add_details()->PackFrom(info);

  if (!spec.field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(spec.field);
    violation->set_description(spec.message);
    rpc.add_details()->PackFrom(bad_request);
  }
  if (spec.retry_delay > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    const int64_t ms = absl::ToInt64Milliseconds(spec.retry_delay);
    retry.mutable_retry_delay()->set_seconds(ms / 1000);
    // Milliseconds are fine enough for waiting.
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
    rpc.add_details()->PackFrom(retry);
  }
  // The English text is the message of the status itself, so only the Vietnamese one needs a LocalizedMessage.
  if (!spec.message_vi.empty()) {
    google::rpc::LocalizedMessage localized;
    localized.set_locale("vi");
    localized.set_message(spec.message_vi);
    rpc.add_details()->PackFrom(localized);
  }
  return WithPayload(spec.code, rpc);
}

absl::Status InvalidField(absl::string_view field, absl::string_view message, absl::string_view message_vi) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "FIELD_INVALID",
                    .message = absl::StrCat(field, ": ", message),
                    .message_vi = absl::StrCat(field, ": ", message_vi),
                    .metadata = {{"field", std::string(field)}},
                    .field = std::string(field)});
}

// Checks of one item name its fields; the caller of the check adds where the item is in the request.
absl::Status PrefixFields(absl::string_view prefix, const absl::Status& status) {
  const std::string field = ErrorField(status);
  if (status.ok() || field.empty() || prefix.empty()) return status;
  return RenameField(field, absl::StrCat(prefix, ".", field), status);
}

absl::Status RebaseFields(absl::string_view old_head, absl::string_view new_head, const absl::Status& status) {
  const std::string field = ErrorField(status);
  if (status.ok() || field.rfind(std::string(old_head), 0) != 0) return status;
  return RenameField(field, absl::StrCat(new_head, field.substr(old_head.size())), status);
}

// The payload already is what goes to the client.
google::rpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return {};
  if (std::optional<google::rpc::Status> rpc = Payload(status); rpc.has_value()) return *std::move(rpc);
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  // Errors of libraries and of protobuf have no reason. Clients can rely on there being one.
  info.set_reason("UNEXPECTED");
  info.set_domain(kErrorDomain);
  rpc.add_details()->PackFrom(info);
  return rpc;
}

absl::Status FromRpcStatus(const google::rpc::Status& rpc) {
  if (rpc.code() == 0) return absl::OkStatus();
  return WithPayload(static_cast<absl::StatusCode>(rpc.code()), rpc);
}

std::string ErrorReason(const absl::Status& status) {
  const auto info = FindDetail<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : "";
}

std::string ErrorField(const absl::Status& status) {
  const auto bad_request = FindDetail<google::rpc::BadRequest>(status);
  if (!bad_request.has_value() || bad_request->field_violations().empty()) return "";
  return bad_request->field_violations(0).field();
}

std::string ErrorMetadata(const absl::Status& status, absl::string_view key) {
  const auto info = FindDetail<google::rpc::ErrorInfo>(status);
  if (!info.has_value()) return "";
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

std::string ErrorMessage(const absl::Status& status, absl::string_view locale) {
  if (locale == "vi") {
    const auto localized = FindDetail<google::rpc::LocalizedMessage>(status);
    if (localized.has_value()) return localized->message();
  }
  return std::string(status.message());
}

absl::Duration ErrorRetryDelay(const absl::Status& status) {
  const auto retry = FindDetail<google::rpc::RetryInfo>(status);
  if (!retry.has_value()) return absl::ZeroDuration();
  return absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
}

}  // namespace tthc
