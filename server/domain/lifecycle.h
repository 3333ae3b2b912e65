#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// Which event is possible in which state, and where it leads (vòng đời hồ sơ): one table, design.md section 5. Pure;
// thread-safe.
namespace tthc::domain {

// Dossier::STATE_UNSPECIFIED stands for "there is no dossier yet".
inline constexpr int kStateCount = v1::Dossier::State_MAX + 1;
inline constexpr int kFirstEvent = v1::Event::kSubmitted;
inline constexpr int kLastEvent = v1::Event::kRecomputed;
inline constexpr int kEventCount = kLastEvent - kFirstEvent + 1;

struct Transition {
  enum class Kind {
    kNotAllowed,
    // To `to`.
    kTo,
    // The state stays.
    kStay,
    // Back to where the dossier was before the wait or the withdrawal request.
    kBack,
  };
  Kind kind = Kind::kNotAllowed;
  v1::Dossier::State to = v1::Dossier::STATE_UNSPECIFIED;
};

Transition FindTransition(v1::Dossier::State from, v1::Event::PayloadCase event);

// Payload names, such as "supplement_requested", that the table allows.
std::vector<std::string> AllowedEvents(v1::Dossier::State from);
// "supplement_requested"; "" for PAYLOAD_NOT_SET.
std::string EventName(v1::Event::PayloadCase event);
// "yêu cầu bổ sung".
absl::string_view EventNameVi(v1::Event::PayloadCase event);
// "Yêu cầu bổ sung giấy tờ".
absl::string_view StateNameVi(v1::Dossier::State state);

// Accepted, and neither finished nor stopped.
bool IsOpen(const v1::Dossier& dossier);
// A state that an open dossier can be in; two of them (5 and 7) a submission can be in as well.
bool IsBeingResolved(v1::Dossier::State state);
// Finished, returned, stopped or refused at intake.
bool HasEnded(v1::Dossier::State state);
// Moves the dossier along, so that its occur_time may not lie before the last such event's. The others (notes,
// payments, ratings, petitions, …) have times of their own.
bool IsLifecycleEvent(v1::Event::PayloadCase event);

}  // namespace tthc::domain
