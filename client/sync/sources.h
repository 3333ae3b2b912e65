#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// Sources: the values of a delivery that a profile's fields can name (Field.from). A source that the events have no
// value for gives none; nothing is ever guessed.
//
// Vocabulary:
//   source       one value, such as "applicant.name"
//   list source  several entries, each with sources of its own, such as "documents"
//   place        where in a record or step a source makes sense; checked when a profile is loaded
//
// A new source is one row of a table in sources.cc. Names of sources are part of profiles that centers write, and do
// not change. Pure; thread-safe.
namespace tthc::sync {

// None, a text, a number, a boolean or an instant. Enum values are texts, their names without the prefix: "COUNTER".
using Value = std::variant<std::monostate, std::string, int64_t, bool, absl::Time>;

// What a source reads. Everything that is pointed to outlives it.
struct Scope {
  const v1::Profile* profile = nullptr;
  const tthc::v1::MirrorDelivery* delivery = nullptr;
  // Set while a step is rendered.
  const tthc::v1::MirrorStep* step = nullptr;

  // Set while an entry of a list is rendered: its number, from 1, and what it is about.
  int number = 0;
  const tthc::v1::Wait* wait = nullptr;
  // The events that opened and ended the wait; nullptr if they are not among the delivery's.
  const tthc::v1::Event* wait_begin = nullptr;
  const tthc::v1::Event* wait_end = nullptr;
  const tthc::v1::Document* document = nullptr;
};

// Where a source can be used: everywhere (kDossier), in steps, or in the entries of one kind of list.
enum class Place { kDossier, kStep, kSupplement, kDocument, kFee, kResult, kIdentity };

struct Source {
  const char* name;
  Place place;
  // The scope has what `place` promises; see Scope.
  Value (*get)(const Scope&);
};

struct ListSource {
  const char* name;
  // The sources that its fields may use, beside kDossier.
  Place entries;
  std::vector<Scope> (*get)(const Scope&);
};

// nullptr if there is no source of that name. What is returned lives as long as the program.
const Source* FindSource(absl::string_view name);
const ListSource* FindListSource(absl::string_view name);
// Names of all sources and lists, sorted, for error messages.
std::vector<std::string> SourceNames();

// The target's code for a state; empty if no row matches. A row with a pause reason goes before one without.
std::string StatusCode(const v1::Profile& profile, tthc::v1::Dossier::State state, tthc::v1::PauseReason pause_reason);
// The same for the dossier's present state.
std::string StatusCode(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

// The alias by which the target knows the dossier, without its prefix; empty if there is none. With
// Profile.alias_prefix, any alias with that prefix counts. Otherwise the prefix is "<profile id>:" and only an alias
// counts that the dossier was opened with, so that the code at the target never changes.
std::string AliasAtTarget(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// The code under which the dossier is sent: AliasAtTarget; else the code of its acceptance, which is on the receipt;
// else the code of its submission.
std::string CodeAtTarget(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// False while the dossier may get another code by its acceptance. A portal knows dossiers by their code alone: a record
// sent under a code that changes later would stay there for good.
bool HasLastingCode(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

// Name of an event's kind as in tthc.v1.Event.payload, such as "step_taken"; empty if there is none.
std::string EventKind(const tthc::v1::Event& event);
// The profile's text for this kind of event; nullptr if the target takes no step for it.
const v1::StepWords* FindStepWords(const v1::Profile& profile, const tthc::v1::Event& event);

}  // namespace tthc::sync
