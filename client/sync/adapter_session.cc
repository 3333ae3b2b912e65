#include "client/sync/adapter_base.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// The national portal's adapter: one path for everything; session, agency and service are in the body.
class SessionAdapter : public ProfileAdapter {
 public:
  using ProfileAdapter::ProfileAdapter;

 protected:
  ordered_json MakeBody(const Parts& parts, ordered_json content) const override {
    if (parts.call.kind == CallKind::kLogin) {
      return {{"username", target().username()}, {"password", parts.password}};
    }
    return Wrap(parts.service,
                {{"session", parts.session}, {"madonvi", target().agency()}, {"service", parts.service.service()}},
                std::move(content));
  }

  void AddHeaders(const Parts&, HttpRequest& request) const override {
    request.headers.emplace_back("Charset", "utf-8");
  }

  // The session is in the body of every call but the login, and exchanges are kept at the server.
  std::vector<std::string> SecretKeys() const override { return {"session", "password"}; }
};

}  // namespace

std::unique_ptr<ProfileAdapter> MakeSessionAdapter(const v1::Profile& profile, const v1::Target& target) {
  return std::make_unique<SessionAdapter>(profile, target);
}

}  // namespace tthc::sync
