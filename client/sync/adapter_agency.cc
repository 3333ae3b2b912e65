#include "client/sync/adapter_base.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// A provincial wrapper, which holds the session with the national portal itself: one path for each service, the agency
// in the query, no login.
class AgencyAdapter : public ProfileAdapter {
 public:
  using ProfileAdapter::ProfileAdapter;

 protected:
  ordered_json MakeBody(const Parts& parts, ordered_json content) const override {
    return Wrap(parts.service, ordered_json::object(), std::move(content));
  }

  void AddHeaders(const Parts&, HttpRequest&) const override {}

  std::vector<std::string> SecretKeys() const override { return {}; }
};

}  // namespace

std::unique_ptr<ProfileAdapter> MakeAgencyAdapter(const v1::Profile& profile, const v1::Target& target) {
  return std::make_unique<AgencyAdapter>(profile, target);
}

}  // namespace tthc::sync
