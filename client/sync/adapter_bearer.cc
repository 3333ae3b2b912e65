#include "absl/strings/str_cat.h"
#include "client/sync/adapter_base.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// iGate: one path for each service, a token in the Authorization header.
class BearerAdapter : public ProfileAdapter {
 public:
  using ProfileAdapter::ProfileAdapter;

 protected:
  ordered_json MakeBody(const Parts& parts, ordered_json content) const override {
    if (parts.call.kind == CallKind::kLogin) {
      return {{"client_id", target().username()}, {"client_secret", parts.password}};
    }
    return Wrap(parts.service, ordered_json::object(), std::move(content));
  }

  void AddHeaders(const Parts& parts, HttpRequest& request) const override {
    if (parts.call.kind == CallKind::kLogin) return;
    request.headers.emplace_back("Authorization", absl::StrCat("Bearer ", parts.session));
  }

  std::vector<std::string> SecretKeys() const override { return {"client_secret"}; }
};

}  // namespace

std::unique_ptr<ProfileAdapter> MakeBearerAdapter(const v1::Profile& profile, const v1::Target& target) {
  return std::make_unique<BearerAdapter>(profile, target);
}

}  // namespace tthc::sync
