#include "client/sync/adapter_base.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// The national adapter: everything goes to one address; session, agency and service stand in the body.
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

  std::vector<std::string> SecretKeys() const override { return {"session", "password"}; }
};

}  // namespace

std::unique_ptr<ProfileAdapter> MakeSessionAdapter(const v1::Profile& profile, const v1::Target& target) {
  return std::make_unique<SessionAdapter>(profile, target);
}

}  // namespace tthc::sync
