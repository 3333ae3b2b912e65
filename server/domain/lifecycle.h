#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// Which event is possible in which state, and which state follows (vòng đời hồ sơ): one table in the .cc file, read
// through the functions below. docs/glossary.md explains the events and the states. Pure; thread-safe; nothing fails.
//
// The table has a row for each event and a cell for each state, so that a new event or state does not compile before
// every cell is decided. What an event does besides changing the state is in apply.cc; conditions that the state does
// not show (accepted or not, rated already) are checked there as well.
namespace tthc::domain {

// STATE_UNSPECIFIED stands for "the dossier is not opened yet", so that opening it is a transition like every other.
inline constexpr int kStateCount = v1::Dossier::State_MAX + 1;
inline constexpr int kFirstEvent = v1::Event::kSubmitted;
inline constexpr int kLastEvent = v1::Event::kRecomputed;
inline constexpr int kEventCount = kLastEvent - kFirstEvent + 1;

// One cell of the table.
struct Transition {
  enum class Kind {
    // The event is refused: TRANSITION_NOT_ALLOWED.
    kNotAllowed,
    // The state becomes `to`.
    kTo,
    // The state stays as it is.
    kStay,
    // The state from before the wait or the withdrawal request comes back; the fold knows which one.
    kBack,
  };
  Kind kind = Kind::kNotAllowed;
  v1::Dossier::State to = v1::Dossier::STATE_UNSPECIFIED;
};

// Total: kNotAllowed for numbers that are no state or no event.
Transition FindTransition(v1::Dossier::State from, v1::Event::PayloadCase event);

// Names of the events that the table allows, such as "supplement_requested"; for the metadata of an error.
std::vector<std::string> AllowedEvents(v1::Dossier::State from);
// The name of the payload in the API, such as "supplement_requested"; "" for PAYLOAD_NOT_SET.
std::string EventName(v1::Event::PayloadCase event);
// For messages to people: "yêu cầu bổ sung".
absl::string_view EventNameVi(v1::Event::PayloadCase event);
// The name on the national portal: "Yêu cầu bổ sung giấy tờ".
absl::string_view StateNameVi(v1::Dossier::State state);

// Accepted, and neither finished nor stopped: the dossier counts as open in lists and figures.
bool IsOpen(const v1::Dossier& dossier);
// A state that an open dossier can have. A submission can have two of them too, awaiting a supplement and asking for
// withdrawal, so that the state alone does not say that a dossier is open.
bool IsBeingResolved(v1::Dossier::State state);
// Finished, returned, stopped or refused at intake.
bool HasEnded(v1::Dossier::State state);
// The event changes how the dossier proceeds: its occur_time must not be before that of the last such event. The others
// (notes, payments, ratings, petitions and the like) may be recorded in any order.
bool IsLifecycleEvent(v1::Event::PayloadCase event);

}  // namespace tthc::domain
