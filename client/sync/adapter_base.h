#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/adapter.h"
#include "nlohmann/json.hpp"

namespace tthc::sync {

// What the protocols have in common: addresses, records, judging of answers, exchanges without secrets. A protocol says
// what goes around the records. Thread-safe.
class ProfileAdapter : public Adapter {
 public:
  ProfileAdapter(const v1::Profile& profile, const v1::Target& target);

  bool has_login() const override { return profile_.has_login(); }
  bool can_look_up() const override { return profile_.has_lookup(); }
  bool has_insert() const override { return profile_.has_insert() && profile_.has_update(); }

  HttpRequest MakeRequest(const Call& call, const std::string& session, const std::string& password) const override;
  Answer ReadAnswer(const Call& call, const HttpRequest& request, const absl::StatusOr<HttpResponse>& response,
                    absl::Time sent_time, absl::Duration duration) const override;

  // Asks for what was filed there (Profile.list, which has to be there).
  HttpRequest MakeListRequest(const std::string& session) const;
  // Says that filed dossiers have arrived (Profile.confirm_received, which has to be there); `records` is an array.
  HttpRequest MakeConfirmRequest(nlohmann::ordered_json records, const std::string& session) const;

 protected:
  // `session` is the password for a login.
  struct Parts {
    const Call& call;
    const v1::Service& service;
    const std::string& session;
    const std::string& password;
  };
  // The body of a call around `content`: the records as an array, or the code that is asked for; null without any.
  virtual nlohmann::ordered_json MakeBody(const Parts& parts, nlohmann::ordered_json content) const = 0;
  virtual void AddHeaders(const Parts& parts, HttpRequest& request) const = 0;
  // Keys of the request's body whose values are secret.
  virtual std::vector<std::string> SecretKeys() const = 0;

  const v1::Profile& profile() const { return profile_; }
  const v1::Target& target() const { return target_; }
  // `content` under the service's data_key beside its fixed parts; or the content itself, if there is no key. Without
  // content the fixed parts alone.
  static nlohmann::ordered_json Wrap(const v1::Service& service, nlohmann::ordered_json body,
                                     nlohmann::ordered_json content);

 private:
  const v1::Service& ServiceOf(const Call& call) const;
  std::string UrlOf(const v1::Service& service) const;
  nlohmann::ordered_json ContentOf(const Call& call) const;
  HttpRequest Assemble(const Parts& parts, nlohmann::ordered_json content) const;
  std::vector<std::string> SecretsIn(const HttpRequest& request) const;
  void DescribeExchange(const HttpRequest& request, const absl::StatusOr<HttpResponse>& response,
                        const std::vector<std::string>& secrets, Answer& answer) const;

  const v1::Profile profile_;
  const v1::Target target_;
  const std::vector<std::string> personal_keys_;
};

// One for each value of Profile.protocol.
std::unique_ptr<ProfileAdapter> MakeSessionAdapter(const v1::Profile& profile, const v1::Target& target);
std::unique_ptr<ProfileAdapter> MakeAgencyAdapter(const v1::Profile& profile, const v1::Target& target);
std::unique_ptr<ProfileAdapter> MakeBearerAdapter(const v1::Profile& profile, const v1::Target& target);
// That of the profile's protocol: what MakeAdapter makes.
std::unique_ptr<ProfileAdapter> MakeProfileAdapter(const v1::Profile& profile, const v1::Target& target);

}  // namespace tthc::sync
