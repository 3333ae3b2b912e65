#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/service/service.h"
#include "tests/testing/calendars.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/mirror_service.pb.h"

namespace tthc::testing {

// A client of one target, as a test plays it: holds the lease, asks for deliveries, records outcomes.
class MirrorTargetClient {
 public:
  MirrorTargetClient(ServiceFixture* fixture, const std::string& id)
      : fixture_(*fixture), name_(absl::StrCat("mirrorTargets/", id)) {}

  const std::string& name() const { return name_; }
  int64_t fence() const { return fence_; }

  absl::StatusOr<v1::AcquireMirrorTargetResponse> Acquire(const std::string& holder = "sync-1",
                                                          const std::string& start_date = "",
                                                          const std::string& profile_digest = "") {
    v1::AcquireMirrorTargetRequest request;
    request.set_name(name_);
    request.set_display_name("Cổng thử");
    request.set_holder(holder);
    request.set_start_date(start_date);
    request.set_profile_digest(profile_digest);
    auto response = fixture_.Call(&server::Service::AcquireMirrorTarget, request);
    if (response.ok()) fence_ = response->target().lease().fence();
    return response;
  }
  absl::StatusOr<v1::RenewMirrorTargetResponse> Renew() {
    v1::RenewMirrorTargetRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    return fixture_.Call(&server::Service::RenewMirrorTarget, request);
  }
  absl::StatusOr<v1::ReleaseMirrorTargetResponse> Release(bool unclean = false) {
    v1::ReleaseMirrorTargetRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    request.set_unclean(unclean);
    return fixture_.Call(&server::Service::ReleaseMirrorTarget, request);
  }
  absl::StatusOr<v1::MirrorTarget> Update(v1::UpdateMirrorTargetRequest::Action action,
                                          const std::string& reason = "thử") {
    v1::UpdateMirrorTargetRequest request;
    request.set_name(name_);
    request.set_action(action);
    request.set_reason(reason);
    return fixture_.Call(&server::Service::UpdateMirrorTarget, request);
  }
  absl::StatusOr<v1::MirrorTarget> TryGet() {
    v1::GetMirrorTargetRequest request;
    request.set_name(name_);
    return fixture_.Call(&server::Service::GetMirrorTarget, request);
  }
  v1::MirrorProgress Progress() { return ValueOrDie(TryGet()).progress(); }
  // After a start: asks until counting is over.
  void WaitUntilCounted() {
    while (Progress().counting()) continue;
  }

  absl::StatusOr<v1::ListMirrorDeliveriesResponse> List(int64_t after_number = 0, int32_t page_size = 0,
                                                        const std::vector<std::string>& dossiers = {}) {
    v1::ListMirrorDeliveriesRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    request.set_after_number(after_number);
    request.set_page_size(page_size);
    for (const std::string& dossier : dossiers) request.add_dossiers(dossier);
    return fixture_.Call(&server::Service::ListMirrorDeliveries, request);
  }
  // Page by page.
  std::vector<v1::MirrorDelivery> MustListAll(int32_t page_size = 7) {
    std::vector<v1::MirrorDelivery> all;
    int64_t after = 0;
    do {
      const v1::ListMirrorDeliveriesResponse page = ValueOrDie(List(after, page_size));
      all.insert(all.end(), page.deliveries().begin(), page.deliveries().end());
      after = page.next_number();
    } while (after != 0);
    return all;
  }

  static v1::MirrorOutcome Outcome(const v1::MirrorDelivery& delivery, v1::MirrorOutcome::Result result) {
    v1::MirrorOutcome outcome;
    outcome.set_dossier(delivery.dossier().name());
    outcome.set_result(result);
    outcome.set_revision(delivery.dossier().revision());
    if (result == v1::MirrorOutcome::DONE) {
      for (const v1::MirrorStep& step : delivery.steps()) outcome.add_confirmed_steps(step.event().revision());
      outcome.set_sent_status("4");
      outcome.set_known_to_target(true);
    }
    if (result == v1::MirrorOutcome::REFUSED) outcome.mutable_error()->set_reason("REFUSED");
    return outcome;
  }
  absl::StatusOr<v1::RecordMirrorOutcomesResponse> Record(const std::vector<v1::MirrorOutcome>& outcomes) {
    v1::RecordMirrorOutcomesRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    for (const v1::MirrorOutcome& outcome : outcomes) *request.add_outcomes() = outcome;
    return fixture_.Call(&server::Service::RecordMirrorOutcomes, request);
  }
  v1::MirrorItem::State MustRecord(const v1::MirrorOutcome& outcome) {
    return static_cast<v1::MirrorItem::State>(ValueOrDie(Record({outcome})).states(0));
  }

  v1::RetryMirrorItemsResponse MustRetry(const std::vector<std::string>& dossiers, bool forget = false) {
    v1::RetryMirrorItemsRequest request;
    request.set_name(name_);
    for (const std::string& dossier : dossiers) request.add_dossiers(dossier);
    request.set_forget_record(forget);
    request.set_forget_steps(forget);
    request.set_reason("gửi lại");
    return ValueOrDie(fixture_.Call(&server::Service::RetryMirrorItems, request));
  }
  absl::StatusOr<v1::MirrorItem> Skip(const std::string& dossier, const std::string& reason = "không cần gửi") {
    v1::SkipMirrorItemRequest request;
    request.set_name(name_);
    request.set_dossier(dossier);
    request.set_reason(reason);
    return fixture_.Call(&server::Service::SkipMirrorItem, request);
  }
  // Of this target, with exchanges.
  v1::MirrorItem MustGetItem(const std::string& dossier,
                             v1::MirrorExchangeView view = v1::MIRROR_EXCHANGE_VIEW_MASKED) {
    v1::GetMirrorItemsRequest request;
    request.set_dossier(dossier);
    request.set_view(view);
    const auto items = ValueOrDie(fixture_.Call(&server::Service::GetMirrorItems, request));
    for (const v1::MirrorItem& item : items.items()) {
      if (item.name().rfind(name_ + "/", 0) == 0) return item;
    }
    return {};
  }
  // Names of the dossiers in a state, page by page.
  std::vector<std::string> MustListItems(v1::MirrorItem::State state, int32_t page_size = 3,
                                         const std::string& error_reason = "") {
    v1::ListMirrorItemsRequest request;
    request.set_name(name_);
    request.set_state(state);
    request.set_page_size(page_size);
    request.set_error_reason(error_reason);
    std::vector<std::string> names;
    do {
      const auto page = ValueOrDie(fixture_.Call(&server::Service::ListMirrorItems, request));
      for (const v1::MirrorItem& item : page.items()) names.push_back(item.dossier());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

 private:
  ServiceFixture& fixture_;
  const std::string name_;
  int64_t fence_ = 0;
};

}  // namespace tthc::testing
