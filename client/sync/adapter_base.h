#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/adapter.h"
#include "nlohmann/json.hpp"

namespace tthc::sync {

// What the protocols have in common: URLs, records, classification of answers, exchanges without secrets. A protocol
// adds what goes around the records.
//
// A new protocol is a class that derives from this one, a value of Profile.protocol and a row in MakeProfileAdapter. It
// has to name the keys of its secrets in SecretKeys(), or they would be kept at the server. Thread-safe.
class ProfileAdapter : public Adapter {
 public:
  ProfileAdapter(const v1::Profile& profile, const v1::Target& target);

  bool has_login() const override { return profile_.has_login(); }
  bool can_look_up() const override { return profile_.has_lookup(); }
  bool has_insert() const override { return profile_.has_insert() && profile_.has_update(); }

  HttpRequest MakeRequest(const Call& call, const std::string& session, const std::string& password) const override;
  Answer ReadAnswer(const Call& call, const HttpRequest& request, const absl::StatusOr<HttpResponse>& response,
                    absl::Time sent_time, absl::Duration duration) const override;

  // The request for what was filed with the target. The profile must have a list.
  HttpRequest MakeListRequest(const std::string& session) const;
  // The request that confirms filed dossiers as received; `records` is an array. The profile must have
  // confirm_received.
  HttpRequest MakeConfirmRequest(nlohmann::ordered_json records, const std::string& session) const;

 protected:
  // What a protocol needs to make a request. `session` is that of the last login, `password` is filled for a login
  // only. Lives as long as one MakeRequest().
  struct Parts {
    const Call& call;
    const v1::Service& service;
    const std::string& session;
    const std::string& password;
  };
  // The body around `content`: an array of records or steps, the code of a look-up, or null.
  virtual nlohmann::ordered_json MakeBody(const Parts& parts, nlohmann::ordered_json content) const = 0;
  // Headers beside those that every request has (Accept, Content-Type, the destination).
  virtual void AddHeaders(const Parts& parts, HttpRequest& request) const = 0;
  // Keys of the request's body with secret values, which are masked in the exchange. A bearer token is found by its
  // header.
  virtual std::vector<std::string> SecretKeys() const = 0;

  const v1::Profile& profile() const { return profile_; }
  const v1::Target& target() const { return target_; }
  // `body` with the service's fixed parts, and `content` under its data_key. Without a data_key, `content` alone;
  // without content, the fixed parts alone.
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
  // Keys under which bodies have personal data. The exchange names them, so that its readers can mask the values.
  const std::vector<std::string> personal_keys_;
};

// One for each value of Profile.protocol.
std::unique_ptr<ProfileAdapter> MakeSessionAdapter(const v1::Profile& profile, const v1::Target& target);
std::unique_ptr<ProfileAdapter> MakeAgencyAdapter(const v1::Profile& profile, const v1::Target& target);
std::unique_ptr<ProfileAdapter> MakeBearerAdapter(const v1::Profile& profile, const v1::Target& target);
// The adapter of the profile's protocol, as MakeAdapter makes it.
std::unique_ptr<ProfileAdapter> MakeProfileAdapter(const v1::Profile& profile, const v1::Target& target);

}  // namespace tthc::sync
