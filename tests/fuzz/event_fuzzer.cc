#include <cstddef>
#include <cstdint>
#include <string>

#include "server/dossiers/event_check.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

// Any bytes that are an Event, as the first one of a dossier and as the next one of an open dossier.
namespace tthc {
namespace {

// A refusal is distinguishable from a fault of the server: it has a reason, and the path of the field that it refuses.
void CheckAnswer(const absl::Status& status, const std::string& head) {
  if (status.ok()) return;
  TTHC_CHECK(!ErrorReason(status).empty() && ErrorReason(status) != "UNEXPECTED");
  TTHC_CHECK(status.code() != absl::StatusCode::kInternal && status.code() != absl::StatusCode::kUnknown);
  const std::string field = ErrorField(status);
  TTHC_CHECK(field.empty() || field == "requests" || field == "events" || field.rfind(head, 0) == 0);
}

struct Center {
  testing::ServiceFixture fixture;
  std::string open = fixture
                         .MustCreate({testing::AcceptedEvent(), testing::SampleEvent(v1::Event::kForwarded),
                                      testing::SampleEvent(v1::Event::kOpinionAsked)})
                         .name();
};

void Try(const v1::Event& event) {
  static Center* const center = new Center;
  v1::CreateDossierRequest create;
  *create.add_events() = event;
  create.set_validate_only(true);
  CheckAnswer(center->fixture.Status(create), "events[0]");
  v1::AppendEventRequest append;
  append.set_parent(center->open);
  *append.mutable_event() = event;
  append.set_validate_only(true);
  CheckAnswer(center->fixture.Status(append), "event");
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
