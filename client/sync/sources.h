#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// What a profile can name: values out of a delivery, by the names that stand in Field.from. A value that the events do
// not tell is none, never a guess. Pure; thread-safe.
namespace tthc::sync {

// Nothing, a text, a number, a truth, a moment. Words of enums come as their names without prefix: "COUNTER".
using Value = std::variant<std::monostate, std::string, int64_t, bool, absl::Time>;

// Where values are taken from. Everything that is pointed to outlives it.
struct Scope {
  const v1::Profile* profile = nullptr;
  const tthc::v1::MirrorDelivery* delivery = nullptr;
  // While a step is told.
  const tthc::v1::MirrorStep* step = nullptr;

  // The entry of a list. Counts from 1.
  int number = 0;
  const tthc::v1::Wait* wait = nullptr;
  // The events that opened and ended the wait; nullptr if they are not among the delivery's.
  const tthc::v1::Event* wait_begin = nullptr;
  const tthc::v1::Event* wait_end = nullptr;
  const tthc::v1::Document* document = nullptr;
};

// Where a source means something: everywhere, in steps, or in the entries of one list.
enum class Place { kDossier, kStep, kSupplement, kDocument, kFee, kResult, kIdentity };

struct Source {
  const char* name;
  Place place;
  Value (*get)(const Scope&);
};

struct ListSource {
  const char* name;
  // Which sources its fields may use, beside the dossier's.
  Place entries;
  std::vector<Scope> (*get)(const Scope&);
};

// nullptr if there is none of the name.
const Source* FindSource(absl::string_view name);
const ListSource* FindListSource(absl::string_view name);
// For error messages, sorted.
std::vector<std::string> SourceNames();

// The target's code for a state; empty if no row fits.
std::string StatusCode(const v1::Profile& profile, tthc::v1::Dossier::State state, tthc::v1::PauseReason pause_reason);
// That of the dossier as it stands.
std::string StatusCode(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

// What is behind the prefix of the alias by which the target knows the dossier; empty without one. The prefix is
// Profile.alias_prefix, and then any alias will do; else "<profile id>:", and then only one that the dossier was opened
// with, so that the code under which it was told never changes.
std::string AliasAtTarget(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// The code under which the target is told about the dossier: AliasAtTarget, else the code of its acceptance, which
// stands on the receipt; of one that was never accepted, that of its submission.
std::string CodeAtTarget(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// False while acceptance may still give the dossier another code: a portal's key is the code alone, and what was told
// under one that changes would stay there for ever.
bool HasLastingCode(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

// Name of an event's kind as in tthc.v1.Event.payload, such as "step_taken"; empty if there is none.
std::string EventKind(const tthc::v1::Event& event);
// The words of the profile for this kind of event; nullptr if it is no step there.
const v1::StepWords* FindStepWords(const v1::Profile& profile, const tthc::v1::Event& event);

}  // namespace tthc::sync
