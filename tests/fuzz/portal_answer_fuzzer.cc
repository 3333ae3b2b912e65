#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "client/sync/adapter.h"
#include "client/sync/outcome.h"
#include "client/sync/profile.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/text.h"

// Any answer of a portal, or of a gateway in front of it: no crash, and no success that the answer does not state.
// First byte: profile, call and HTTP status.
namespace tthc::sync {
namespace {

constexpr CallKind kKinds[] = {CallKind::kLogin, CallKind::kInsert, CallKind::kUpdate, CallKind::kSteps,
                               CallKind::kLookup};
constexpr int kStatuses[] = {200, 201, 204, 302, 401, 404, 408, 429, 500, 503};
constexpr char kSecret[] = "mat-khau-cua-phien-lam-viec";

struct Speaker {
  v1::Profile profile;
  std::unique_ptr<Adapter> adapter;
};

const Speaker& SpeakerOf(int number) {
  static const auto* const speakers = [] {
    auto* const made = new std::vector<Speaker>;
    for (const std::string& id : ShippedProfiles()) {
      Problems problems;
      v1::Profile profile = LoadProfile(id, &problems);
      std::unique_ptr<Adapter> adapter = MakeAdapter(profile, v1::Target());
      made->push_back({.profile = std::move(profile), .adapter = std::move(adapter)});
    }
    return made;
  }();
  return (*speakers)[static_cast<size_t>(number) % speakers->size()];
}

DeliveryPtr SomeDelivery() {
  auto delivery = std::make_shared<tthc::v1::MirrorDelivery>();
  delivery->mutable_dossier()->set_name("dossiers/0123456789bcdfgh");
  delivery->mutable_dossier()->set_code("H24.99.1-261123-0001");
  delivery->mutable_dossier()->add_aliases("igate:77001");
  tthc::v1::MirrorStep& step = *delivery->add_steps();
  step.mutable_event()->mutable_accepted();
  step.mutable_event()->set_revision(7);
  step.set_state(tthc::v1::Dossier::STATE_ACCEPTED);
  return delivery;
}

void CheckSuccess(const Speaker& speaker, const Call& call, const HttpResponse& response, const Answer& answer) {
  if (answer.verdict != Verdict::kDone) return;
  TTHC_CHECK(response.status >= 200 && response.status <= 299);
  const AnswerBody body = ReadBody(speaker.profile.answer_keys(), response.body);
  TTHC_CHECK(body.readable);
  if (call.kind == CallKind::kLogin) TTHC_CHECK(!answer.session.empty());
  if (call.kind == CallKind::kLogin || call.kind == CallKind::kLookup) return;
  TTHC_CHECK(body.code == "0" || body.code == "00");
  TTHC_CHECK(!absl::StrContains(FoldForSearch(body.message), FoldForSearch("đã tồn tại")));
}

void TryAnswer(uint8_t choice, std::string text) {
  const Speaker& speaker = SpeakerOf(choice % 3);
  Call call{.kind = kKinds[choice / 3 % std::size(kKinds)]};
  call.delivery = call.kind == CallKind::kLogin ? nullptr : SomeDelivery();
  if (call.kind == CallKind::kSteps) call.steps = {7};
  const HttpRequest request = speaker.adapter->MakeRequest(call, kSecret, kSecret);
  const HttpResponse response{.status = kStatuses[choice / 15 % std::size(kStatuses)],
                              .retry_after = absl::ZeroDuration(),
                              .content_type = "application/json",
                              .body = std::move(text)};
  const Answer answer = speaker.adapter->ReadAnswer(call, request, response, absl::UnixEpoch(), absl::Seconds(1));
  CheckSuccess(speaker, call, response, answer);
  TTHC_CHECK(answer.verdict == Verdict::kDone || !answer.reason.empty());
  TTHC_CHECK(answer.exchange.request().size() <= limits::kMirrorRequestBytesMax);
  TTHC_CHECK(answer.exchange.response().size() <= limits::kMirrorResponseBytesMax);
  TTHC_CHECK(!absl::StrContains(answer.exchange.SerializeAsString(), kSecret));
}

}  // namespace
}  // namespace tthc::sync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  tthc::sync::TryAnswer(data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
