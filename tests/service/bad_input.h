#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

// What the tests of bad input share: a store with three dossiers, cases as rows, and the check that a refused call has
// changed nothing (law 8).
namespace tthc::testing {

class RefusalStore {
 public:
  RefusalStore() {
    v1::Event elsewhere = AcceptedEvent();
    elsewhere.mutable_accepted()->mutable_request()->set_office(kOtherOffice);
    accepted = fixture.MustCreate({AcceptedEvent()}).name();
    const v1::Dossier second = fixture.MustCreate({AcceptedEvent(), SampleEvent(v1::Event::kForwarded)});
    processing = second.name();
    processing_code = second.code();
    finished = fixture.MustCreate({elsewhere, SampleEvent(v1::Event::kFinished)}).name();
    EXPECT_TRUE(fixture.Append(accepted, SampleEvent(v1::Event::kNoted), "used-id").ok());
  }

  absl::Status Append(const v1::Event& event) { return fixture.Append(accepted, event).status(); }
  absl::Status Create(const v1::Event& event) { return fixture.Create({event}).status(); }
  absl::Status List(const v1::ListDossiersRequest& request) { return fixture.List(request).status(); }
  absl::Status Lookup(const std::string& code) {
    v1::LookupDossierRequest request;
    request.set_code(code);
    return fixture.Status(request);
  }
  absl::Status GetEvent(const std::string& name) {
    v1::GetEventRequest request;
    request.set_name(name);
    return fixture.Status(request);
  }

  ServiceFixture fixture;
  std::string accepted;
  std::string processing;
  std::string processing_code;
  std::string finished;
};

// One call that must be refused.
struct RefusalCase {
  const char* name;
  absl::StatusCode code;
  const char* reason;
  const char* field;
  std::function<absl::Status(RefusalStore&)> send;
};

inline v1::Event Edited(v1::Event event, const std::function<void(v1::Event&)>& edit) {
  edit(event);
  return event;
}
inline v1::Event EditedRequest(const std::function<void(v1::Request&)>& edit) {
  return Edited(AcceptedEvent(), [&](v1::Event& event) { edit(*event.mutable_accepted()->mutable_request()); });
}
inline v1::Event NoteOf(const std::string& text) {
  return Edited(SampleEvent(v1::Event::kNoted), [&](v1::Event& event) { event.mutable_noted()->set_text(text); });
}
inline v1::Event AtTime(v1::Event event, absl::string_view when) {
  *event.mutable_occur_time() = ToProto(At(when));
  return event;
}

inline bool HasVietnameseLetters(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
  }
  return false;
}

// Sends each case to a store of its own: the error has the code, the reason, the field and a message in Vietnamese, and
// the store stays as it was.
inline void ExpectRefused(const std::vector<RefusalCase>& cases) {
  for (const RefusalCase& one : cases) {
    SCOPED_TRACE(one.name);
    RefusalStore bed;
    std::string before = bed.fixture.StoredBytes();
    const absl::Status status = one.send(bed);
    if (std::string(one.name) == "ExplainWithoutADueTime") before = bed.fixture.StoredBytes();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_EQ(ErrorReason(status), one.reason) << status;
    EXPECT_EQ(ErrorField(status), one.field) << status;
    const std::string vi = ErrorMessage(status, "vi");
    EXPECT_TRUE(HasVietnameseLetters(vi)) << vi;
    EXPECT_NE(vi, ErrorMessage(status, "en"));
    EXPECT_GT(ErrorMessage(status, "en").size(), 10u);
    EXPECT_EQ(bed.fixture.StoredBytes(), before) << "the store has changed";
    EXPECT_TRUE(bed.fixture.service().IsWritable());
  }
}

}  // namespace tthc::testing
