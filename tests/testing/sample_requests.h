#pragma once

#include <string>

#include "tthc/v1/dossier_service.pb.h"

// Requests that the seeded server accepts as they are.
namespace tthc::testing {

inline constexpr char kSampleProcedure[] = "procedures/1.004873";
inline constexpr char kSampleOffice[] = "offices/H24.99.1";

// Opens a dossier that is accepted at the counter now.
inline v1::CreateDossierRequest AcceptRequest(const std::string& applicant = "Nguyễn Thị Hòa") {
  v1::CreateDossierRequest request;
  v1::Accepted& accepted = *request.add_events()->mutable_accepted();
  accepted.mutable_request()->set_procedure(kSampleProcedure);
  accepted.mutable_request()->set_office(kSampleOffice);
  accepted.mutable_request()->set_channel(v1::CHANNEL_COUNTER);
  accepted.mutable_request()->mutable_applicant()->set_display_name(applicant);
  accepted.set_unit("units/hcc");
  accepted.set_officer("officers/hcc02");
  return request;
}

inline v1::AppendEventRequest ForwardRequest(const std::string& dossier) {
  v1::AppendEventRequest request;
  request.set_parent(dossier);
  request.mutable_event()->mutable_forwarded()->set_to_unit("units/vp");
  return request;
}

inline v1::AppendEventRequest NoteRequest(const std::string& dossier, const std::string& text) {
  v1::AppendEventRequest request;
  request.set_parent(dossier);
  request.mutable_event()->mutable_noted()->set_text(text);
  return request;
}

}  // namespace tthc::testing
