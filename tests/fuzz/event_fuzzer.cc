#include <cstddef>
#include <cstdint>
#include <string>

#include "server/service/event_check.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

// Any bytes that are an Event, as the first one of a dossier and as the next one of an open dossier.
namespace tthc {
namespace {

// Told apart from a fault of ours: with a reason, and with a path into the request if a field is at fault.
void CheckAnswer(const absl::Status& status, const std::string& head) {
  if (status.ok()) return;
  TTHC_CHECK(!ErrorReason(status).empty() && ErrorReason(status) != "UNEXPECTED");
  TTHC_CHECK(status.code() != absl::StatusCode::kInternal && status.code() != absl::StatusCode::kUnknown);
  const std::string field = ErrorField(status);
  TTHC_CHECK(field.empty() || field == "requests" || field == "events" || field.rfind(head, 0) == 0);
}

struct Centre {
  testing::ServiceFixture fixture;
  std::string open = fixture
                         .MustCreate({testing::AcceptedEvent(), testing::SampleEvent(v1::Event::kForwarded),
                                      testing::SampleEvent(v1::Event::kOpinionAsked)})
                         .name();
};

void Try(const v1::Event& event) {
  static Centre* const centre = new Centre;
  v1::CreateDossierRequest create;
  *create.add_events() = event;
  create.set_validate_only(true);
  CheckAnswer(centre->fixture.Call(&server::Service::CreateDossier, create).status(), "events[0]");
  v1::AppendEventRequest append;
  append.set_parent(centre->open);
  *append.mutable_event() = event;
  append.set_validate_only(true);
  CheckAnswer(centre->fixture.Call(&server::Service::AppendEvent, append).status(), "event");
}

}  // namespace
}  // namespace tthc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tthc::v1::Event event;
  if (!event.ParseFromArray(data, static_cast<int>(size))) return 0;
  tthc::v1::Event normal = event;
  if (tthc::server::NormalizeEvent(normal).ok()) {
    // What is in normal form stays as it is.
    tthc::v1::Event again = normal;
    TTHC_CHECK(tthc::server::NormalizeEvent(again).ok());
    TTHC_CHECK(again.SerializeAsString() == normal.SerializeAsString());
  }
  tthc::Try(event);
  return 0;
}
