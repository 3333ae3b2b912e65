#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/testing/calendars.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/mirror_service.pb.h"

namespace tthc::testing {

// A client of one target in a test: holds the lease, lists deliveries, records outcomes; and what people decide about
// it.
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
    auto response = fixture_.Call<v1::AcquireMirrorTargetResponse>(request);
    if (response.ok()) fence_ = response->target().lease().fence();
    return response;
  }
  absl::StatusOr<v1::RenewMirrorTargetResponse> Renew() {
    v1::RenewMirrorTargetRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    return fixture_.Call<v1::RenewMirrorTargetResponse>(request);
  }
  absl::StatusOr<v1::ReleaseMirrorTargetResponse> Release(bool unclean = false) {
    v1::ReleaseMirrorTargetRequest request;
    request.set_name(name_);
    request.set_fence(fence_);
    request.set_unclean(unclean);
    return fixture_.Call<v1::ReleaseMirrorTargetResponse>(request);
  }
  absl::StatusOr<v1::MirrorTarget> Pause(const std::string& reason = "thử", const std::string& request_id = "") {
    return Decide<v1::PauseMirrorTargetRequest>(reason, request_id);
  }
  absl::StatusOr<v1::MirrorTarget> Resume(const std::string& reason = "", const std::string& request_id = "") {
    return Decide<v1::ResumeMirrorTargetRequest>(reason, request_id);
  }
  absl::StatusOr<v1::MirrorTarget> Retire(const std::string& reason = "thử", const std::string& request_id = "") {
    return Decide<v1::RetireMirrorTargetRequest>(reason, request_id);
  }
  absl::StatusOr<v1::MirrorTarget> TryGet() {
    v1::GetMirrorTargetRequest request;
    request.set_name(name_);
    return fixture_.Call<v1::MirrorTarget>(request);
  }
  v1::MirrorProgress Progress() { return ValueOrDie(TryGet()).progress(); }
  // Waits after a start until the target is counted.
  void WaitUntilCounted() {
    while (Progress().counting()) continue;
  }

  absl::StatusOr<v1::ListMirrorDeliveriesResponse> List(int64_t after_number = 0, int32_t page_size = 0,
                                                        const std::vector<std::string>& dossiers = {}) {
    v1::ListMirrorDeliveriesRequest request;
    request.set_parent(name_);
    request.set_fence(fence_);
    request.set_after_number(after_number);
    request.set_page_size(page_size);
    for (const std::string& dossier : dossiers) request.add_dossiers(dossier);
    return fixture_.Call<v1::ListMirrorDeliveriesResponse>(request);
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
    if (result == v1::MirrorOutcome::RESULT_DONE) {
      for (const v1::MirrorStep& step : delivery.steps()) outcome.add_confirmed_steps(step.event().revision());
      outcome.set_sent_status("4");
      outcome.set_known_to_target(true);
    }
    if (result == v1::MirrorOutcome::RESULT_REFUSED) outcome.mutable_error()->set_reason("REFUSED");
    return outcome;
  }
  absl::StatusOr<v1::RecordMirrorOutcomesResponse> Record(const std::vector<v1::MirrorOutcome>& outcomes) {
    v1::RecordMirrorOutcomesRequest request;
    request.set_parent(name_);
    request.set_fence(fence_);
    for (const v1::MirrorOutcome& outcome : outcomes) *request.add_outcomes() = outcome;
    return fixture_.Call<v1::RecordMirrorOutcomesResponse>(request);
  }
  v1::MirrorItem::State MustRecord(const v1::MirrorOutcome& outcome) {
    return static_cast<v1::MirrorItem::State>(ValueOrDie(Record({outcome})).states(0));
  }

  // Name of the item of a dossier, which may also be named by its code or an alias.
  std::string ItemName(const std::string& dossier) const {
    return absl::StrCat(name_, "/items/", absl::StripPrefix(dossier, "dossiers/"));
  }
  // Named items; without names, parked ones.
  absl::StatusOr<v1::RetryMirrorItemsResponse> Retry(const std::vector<std::string>& dossiers, bool resend = false,
                                                     const std::string& request_id = "") {
    v1::RetryMirrorItemsRequest request;
    request.set_parent(name_);
    for (const std::string& dossier : dossiers) request.add_names(ItemName(dossier));
    request.set_resend_record(resend);
    request.set_resend_steps(resend);
    request.set_reason("gửi lại");
    request.set_request_id(request_id);
    return fixture_.Call<v1::RetryMirrorItemsResponse>(request);
  }
  v1::RetryMirrorItemsResponse MustRetry(const std::vector<std::string>& dossiers, bool resend = false) {
    return ValueOrDie(Retry(dossiers, resend));
  }
  absl::StatusOr<v1::MirrorItem> Skip(const std::string& dossier, const std::string& reason = "không cần gửi",
                                      const std::string& request_id = "") {
    v1::SkipMirrorItemRequest request;
    request.set_name(ItemName(dossier));
    request.set_reason(reason);
    request.set_request_id(request_id);
    return fixture_.Call<v1::MirrorItem>(request);
  }
  // With exchanges.
  absl::StatusOr<v1::MirrorItem> GetItem(const std::string& dossier,
                                         v1::MirrorExchangeView view = v1::MIRROR_EXCHANGE_VIEW_MASKED) {
    v1::GetMirrorItemRequest request;
    request.set_name(ItemName(dossier));
    request.set_view(view);
    return fixture_.Call<v1::MirrorItem>(request);
  }
  v1::MirrorItem MustGetItem(const std::string& dossier,
                             v1::MirrorExchangeView view = v1::MIRROR_EXCHANGE_VIEW_MASKED) {
    return ValueOrDie(GetItem(dossier, view));
  }
  // Names of the dossiers in a state, page by page.
  std::vector<std::string> MustListItems(v1::MirrorItem::State state, int32_t page_size = 3,
                                         const std::string& error_reason = "") {
    v1::ListMirrorItemsRequest request;
    request.set_parent(name_);
    request.set_state(state);
    request.set_page_size(page_size);
    request.set_error_reason(error_reason);
    std::vector<std::string> names;
    do {
      const auto page = ValueOrDie(fixture_.Call<v1::ListMirrorItemsResponse>(request));
      for (const v1::MirrorItem& item : page.items()) names.push_back(item.dossier());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

 private:
  template <typename Request>
  absl::StatusOr<v1::MirrorTarget> Decide(const std::string& reason, const std::string& request_id) {
    Request request;
    request.set_name(name_);
    request.set_reason(reason);
    request.set_request_id(request_id);
    return fixture_.Call<v1::MirrorTarget>(request);
  }

  ServiceFixture& fixture_;
  const std::string name_;
  int64_t fence_ = 0;
};

}  // namespace tthc::testing
