#include "client/sync/sources.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sync/step_text.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"

namespace tthc::sync {
namespace {

using tthc::v1::Dossier;
using tthc::v1::Event;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorStep;
using tthc::v1::Wait;

const Dossier& DossierOf(const Scope& scope) { return scope.delivery->dossier(); }
const tthc::v1::Request& RequestOf(const Scope& scope) { return DossierOf(scope).request(); }
const tthc::v1::Applicant& ApplicantOf(const Scope& scope) { return RequestOf(scope).applicant(); }

Value Text(const std::string& text) { return text.empty() ? Value() : Value(text); }
Value Moment(bool is_set, const google::protobuf::Timestamp& time) { return is_set ? Value(FromProto(time)) : Value(); }

// The id of a resource name: what follows its collection.
std::string IdOf(const std::string& name) {
  const size_t slash = name.find('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

// A resource without a name gives none, and not its id, which means nothing at the target.
std::string NameOf(const MirrorDelivery& delivery, const std::string& resource) {
  const auto found = delivery.display_names().find(resource);
  return found == delivery.display_names().end() ? "" : found->second;
}

// The first of the resources that has a name.
std::string FirstName(const MirrorDelivery& delivery, const std::vector<std::string>& resources) {
  for (const std::string& resource : resources) {
    std::string name = NameOf(delivery, resource);
    if (!name.empty()) return name;
  }
  return "";
}

// The newest event of a kind that is in effect; nullptr if there is none.
const Event* LastEvent(const MirrorDelivery& delivery, Event::PayloadCase kind) {
  for (int i = delivery.steps_size() - 1; i >= 0; --i) {
    if (delivery.steps(i).event().payload_case() == kind) return &delivery.steps(i).event();
  }
  return nullptr;
}

// The n-th event of a kind, from 0; nullptr if there are fewer.
const Event* NthEvent(const MirrorDelivery& delivery, Event::PayloadCase kind, int n) {
  for (const MirrorStep& step : delivery.steps()) {
    if (step.event().payload_case() == kind && n-- == 0) return &step.event();
  }
  return nullptr;
}

// --- The dossier -----------------------------------------------------------------------------------------------------

std::string CurrentCode(const MirrorDelivery& delivery) {
  const Dossier& dossier = delivery.dossier();
  return dossier.code().empty() ? dossier.submission_code() : dossier.code();
}

// The code of the submission if there was one: systems that knew the dossier then know it by that.
std::string FirstCode(const MirrorDelivery& delivery) {
  const Event* const submitted = NthEvent(delivery, Event::kSubmitted, 0);
  if (submitted != nullptr && !submitted->submitted().code().empty()) return submitted->submitted().code();
  return CurrentCode(delivery);
}

// The code of the acceptance, which is on the receipt; only if the target knows the dossier by another one.
Value ReceiptCode(const Scope& scope) {
  const std::string& code = DossierOf(scope).code();
  return code == CodeAtTarget(*scope.profile, *scope.delivery) ? Value() : Text(code);
}

Value ProcedureName(const Scope& scope) {
  const std::string& frozen = DossierOf(scope).procedure_display_name();
  return Text(frozen.empty() ? NameOf(*scope.delivery, RequestOf(scope).procedure()) : frozen);
}

// What the applicant asks for; the procedure's name if that was not entered.
Value Summary(const Scope& scope) {
  const std::string& content = RequestOf(scope).content();
  return content.empty() ? ProcedureName(scope) : Value(content);
}

Value ChannelWord(tthc::v1::Channel channel) {
  if (channel == tthc::v1::CHANNEL_UNSPECIFIED) return {};
  return std::string(absl::StripPrefix(tthc::v1::Channel_Name(channel), "CHANNEL_"));
}

Value ApplicantType(const Scope& scope) {
  const auto type = ApplicantOf(scope).type();
  if (type == tthc::v1::Applicant::TYPE_UNSPECIFIED) return {};
  return std::string(absl::StripPrefix(tthc::v1::Applicant::Type_Name(type), "TYPE_"));
}

// Only while the dossier is in that state: a later acceptance makes the refusal history.
Value RefuseTime(const Scope& scope) {
  const Dossier& dossier = DossierOf(scope);
  return Moment(dossier.state() == Dossier::STATE_INTAKE_REFUSED && dossier.has_stop_time(), dossier.stop_time());
}

// The unit that holds the dossier; before the first hand-over the one that accepted it; else the competent office.
Value ProcessingUnit(const Scope& scope) {
  const Dossier& dossier = DossierOf(scope);
  return Text(FirstName(*scope.delivery, {dossier.unit(), dossier.accept_unit(), RequestOf(scope).competent_office(),
                                          RequestOf(scope).office()}));
}

// No value without a list of documents: "none is digitized" would be a guess.
Value AnyDigitized(const Scope& scope) {
  const auto& documents = RequestOf(scope).documents();
  if (documents.empty()) return {};
  return std::any_of(documents.begin(), documents.end(), [](const auto& document) { return document.digitized(); });
}

// Targets want the payment gateway, which the events do not have. Only "not paid online" can be said.
Value PaidOnline(const Scope& scope) { return DossierOf(scope).paid_online() ? Value() : Value(false); }

Value ReceiverName(const Scope& scope) {
  const Event* const returned = LastEvent(*scope.delivery, Event::kReturned);
  if (returned == nullptr || !DossierOf(scope).has_return_time()) return {};
  return Text(returned->returned().receiver_name());
}

Value LastOfficer(const Scope& scope) {
  return Text(FirstName(*scope.delivery, {DossierOf(scope).officer(), DossierOf(scope).accept_officer()}));
}

// The text of the newest event that is a step at the target.
Value LastStepText(const Scope& scope) {
  for (int i = scope.delivery->steps_size() - 1; i >= 0; --i) {
    const MirrorStep& step = scope.delivery->steps(i);
    if (FindStepWords(*scope.profile, step.event()) != nullptr) {
      return Text(StepText(*scope.profile, *scope.delivery, step));
    }
  }
  return {};
}

// --- Steps -----------------------------------------------------------------------------------------------------------

// The officer that the event names; else the one who held the dossier then. If the event names one, nobody else is put
// in the place, even if the name is no longer known.
std::string StepOfficerId(const Scope& scope) {
  std::string own = EventOfficer(scope.step->event());
  return own.empty() ? scope.step->officer() : own;
}

Value StepOfficer(const Scope& scope) {
  return Text(FirstName(*scope.delivery, {StepOfficerId(scope), EventUnit(scope.step->event()), scope.step->unit(),
                                          RequestOf(scope).competent_office(), RequestOf(scope).office()}));
}

Value StepPosition(const Scope& scope) {
  const auto found = scope.delivery->positions().find(StepOfficerId(scope));
  return found == scope.delivery->positions().end() ? Value() : Text(found->second);
}

Value StepUnit(const Scope& scope) {
  return Text(FirstName(*scope.delivery, {EventUnit(scope.step->event()), scope.step->unit()}));
}

// When the dossier was accepted; none if the step was before.
Value StepStart(const Scope& scope) {
  const Dossier& dossier = DossierOf(scope);
  if (!dossier.has_accept_time()) return {};
  const absl::Time start = FromProto(dossier.accept_time());
  return start > FromProto(scope.step->event().occur_time()) ? Value() : Value(start);
}

// --- Lists -----------------------------------------------------------------------------------------------------------

// The n-th supplement belongs to the n-th request and receipt among the events.
std::vector<Scope> Supplements(const Scope& scope) {
  std::vector<Scope> entries;
  for (const Wait& wait : DossierOf(scope).waits()) {
    if (wait.kind() != Wait::KIND_SUPPLEMENT) continue;
    Scope entry = scope;
    const auto n = static_cast<int>(entries.size());
    entry.number = n + 1;
    entry.wait = &wait;
    entry.wait_begin = NthEvent(*scope.delivery, Event::kSupplementRequested, n);
    if (wait.has_end_time()) entry.wait_end = NthEvent(*scope.delivery, Event::kSupplementReceived, n);
    entries.push_back(entry);
  }
  return entries;
}

Value SupplementOfficer(const Scope& scope) {
  if (scope.wait_begin == nullptr) return {};
  return Text(NameOf(*scope.delivery, EventOfficer(*scope.wait_begin)));
}

Value SupplementContent(const Scope& scope) {
  if (!scope.wait->content().empty() || scope.wait_begin == nullptr) return Text(scope.wait->content());
  return Text(scope.wait_begin->supplement_requested().content());
}

std::vector<Scope> Documents(const Scope& scope) {
  std::vector<Scope> entries;
  for (const auto& document : RequestOf(scope).documents()) {
    Scope entry = scope;
    entry.number = static_cast<int>(entries.size()) + 1;
    entry.document = &document;
    entries.push_back(entry);
  }
  return entries;
}

std::vector<Scope> OnlyIf(bool there, const Scope& scope) {
  if (!there) return {};
  Scope entry = scope;
  entry.number = 1;
  return {entry};
}

std::vector<Scope> Fees(const Scope& scope) { return OnlyIf(DossierOf(scope).fee_vnd() > 0, scope); }

// Some systems accept fees only in states in which something is asked for or the dossier is closed.
std::vector<Scope> FeesWhenAsked(const Scope& scope) {
  const auto state = DossierOf(scope).state();
  const bool asked = state == Dossier::STATE_AWAITING_SUPPLEMENT || state == Dossier::STATE_AWAITING_PAYMENT ||
                     state == Dossier::STATE_FINISHED;
  return OnlyIf(asked && DossierOf(scope).fee_vnd() > 0, scope);
}

// Only a granted result has a document; a refusal's reason goes elsewhere.
std::string ResultDocument(const Scope& scope) {
  const Event* const finished = LastEvent(*scope.delivery, Event::kFinished);
  const bool granted = DossierOf(scope).result() == tthc::v1::Finished::RESULT_GRANTED;
  return granted && finished != nullptr ? finished->finished().document() : "";
}

std::vector<Scope> Results(const Scope& scope) { return OnlyIf(!ResultDocument(scope).empty(), scope); }

std::vector<Scope> ResultsWhenFinished(const Scope& scope) {
  return OnlyIf(DossierOf(scope).state() == Dossier::STATE_FINISHED && !ResultDocument(scope).empty(), scope);
}

// By the number's shape. None for passports and everything else.
Value IdentityKind(const Scope& scope) {
  const std::string& number = ApplicantOf(scope).identity_number();
  if (DigitsOf(number) != number) return {};
  if (number.size() == 12) return std::string("CITIZEN_ID");
  if (number.size() == 9) return std::string("IDENTITY_CARD");
  return {};
}

std::vector<Scope> Identities(const Scope& scope) { return OnlyIf(IdentityKind(scope).index() != 0, scope); }

// --- The tables ------------------------------------------------------------------------------------------------------

constexpr Source kSources[] = {
    // The code under which the target knows the dossier; then our first and our present one.
    {"external_code", Place::kDossier, [](const Scope& s) { return Text(CodeAtTarget(*s.profile, *s.delivery)); }},
    {"first_code", Place::kDossier, [](const Scope& s) { return Text(FirstCode(*s.delivery)); }},
    {"code", Place::kDossier, [](const Scope& s) { return Text(CurrentCode(*s.delivery)); }},
    {"alias", Place::kDossier, [](const Scope& s) { return Text(AliasAtTarget(*s.profile, *s.delivery)); }},
    {"receipt_code", Place::kDossier, ReceiptCode},
    {"procedure", Place::kDossier, [](const Scope& s) { return Text(IdOf(RequestOf(s).procedure())); }},
    {"procedure.name", Place::kDossier, ProcedureName},
    {"field", Place::kDossier, [](const Scope& s) { return Text(IdOf(DossierOf(s).terms().field())); }},
    {"field.name", Place::kDossier,
     [](const Scope& s) { return Text(NameOf(*s.delivery, DossierOf(s).terms().field())); }},
    {"channel", Place::kDossier, [](const Scope& s) { return ChannelWord(RequestOf(s).channel()); }},
    {"return_channel", Place::kDossier, [](const Scope& s) { return ChannelWord(RequestOf(s).return_channel()); }},
    {"applicant.name", Place::kDossier, [](const Scope& s) { return Text(ApplicantOf(s).display_name()); }},
    {"applicant.type", Place::kDossier, ApplicantType},
    {"applicant.identity_number", Place::kDossier,
     [](const Scope& s) { return Text(ApplicantOf(s).identity_number()); }},
    {"applicant.tax_code", Place::kDossier, [](const Scope& s) { return Text(ApplicantOf(s).tax_code()); }},
    {"applicant.email", Place::kDossier, [](const Scope& s) { return Text(ApplicantOf(s).email()); }},
    {"applicant.phone_number", Place::kDossier, [](const Scope& s) { return Text(ApplicantOf(s).phone_number()); }},
    {"applicant.address", Place::kDossier, [](const Scope& s) { return Text(ApplicantOf(s).address()); }},
    {"content", Place::kDossier, [](const Scope& s) { return Text(RequestOf(s).content()); }},
    {"summary", Place::kDossier, Summary},
    {"submit_time", Place::kDossier,
     [](const Scope& s) { return Moment(DossierOf(s).has_submit_time(), DossierOf(s).submit_time()); }},
    {"accept_time", Place::kDossier,
     [](const Scope& s) { return Moment(DossierOf(s).has_accept_time(), DossierOf(s).accept_time()); }},
    {"due_time", Place::kDossier,
     [](const Scope& s) { return Moment(DossierOf(s).due().has_due_time(), DossierOf(s).due().due_time()); }},
    {"finish_time", Place::kDossier,
     [](const Scope& s) { return Moment(DossierOf(s).has_finish_time(), DossierOf(s).finish_time()); }},
    {"return_time", Place::kDossier,
     [](const Scope& s) { return Moment(DossierOf(s).has_return_time(), DossierOf(s).return_time()); }},
    {"refuse_time", Place::kDossier, RefuseTime},
    {"return.receiver", Place::kDossier, ReceiverName},
    {"status", Place::kDossier, [](const Scope& s) { return Text(StatusCode(*s.profile, *s.delivery)); }},
    {"unit.name", Place::kDossier, ProcessingUnit},
    {"officer.name", Place::kDossier, LastOfficer},
    {"end_reason", Place::kDossier, [](const Scope& s) { return Text(DossierOf(s).end_reason()); }},
    {"last_step_text", Place::kDossier, LastStepText},
    {"any_digitized", Place::kDossier, AnyDigitized},
    {"paid_online", Place::kDossier, PaidOnline},

    {"step.officer", Place::kStep, StepOfficer},
    {"step.position", Place::kStep, StepPosition},
    {"step.unit", Place::kStep, StepUnit},
    {"step.time", Place::kStep,
     [](const Scope& s) { return Moment(s.step->event().has_occur_time(), s.step->event().occur_time()); }},
    {"step.text", Place::kStep, [](const Scope& s) { return Text(StepText(*s.profile, *s.delivery, *s.step)); }},
    {"step.status", Place::kStep,
     [](const Scope& s) { return Text(StatusCode(*s.profile, s.step->state(), s.step->pause_reason())); }},
    {"step.start_time", Place::kStep, StepStart},
    {"step.due_time", Place::kStep, [](const Scope& s) { return Moment(s.step->has_due_time(), s.step->due_time()); }},

    {"supplement.number", Place::kSupplement, [](const Scope& s) { return Value(int64_t{s.number}); }},
    {"supplement.officer", Place::kSupplement, SupplementOfficer},
    {"supplement.content", Place::kSupplement, SupplementContent},
    {"supplement.request_time", Place::kSupplement,
     [](const Scope& s) { return Moment(s.wait->has_start_time(), s.wait->start_time()); }},
    {"supplement.receive_note", Place::kSupplement,
     [](const Scope& s) { return s.wait_end == nullptr ? Value() : Text(s.wait_end->supplement_received().note()); }},
    {"supplement.receive_time", Place::kSupplement,
     [](const Scope& s) { return Moment(s.wait->has_end_time(), s.wait->end_time()); }},
    {"supplement.received", Place::kSupplement, [](const Scope& s) { return Value(s.wait->has_end_time()); }},
    {"supplement.due_time_before", Place::kSupplement,
     [](const Scope& s) { return Moment(s.wait->has_due_time_before(), s.wait->due_time_before()); }},
    {"supplement.due_time_after", Place::kSupplement,
     [](const Scope& s) { return Moment(s.wait->has_due_time_after(), s.wait->due_time_after()); }},

    {"document.name", Place::kDocument, [](const Scope& s) { return Text(s.document->display_name()); }},
    {"document.code", Place::kDocument, [](const Scope& s) { return Text(s.document->code()); }},
    {"document.digitized", Place::kDocument, [](const Scope& s) { return Value(s.document->digitized()); }},
    {"fee.amount", Place::kFee, [](const Scope& s) { return Value(int64_t{DossierOf(s).fee_vnd()}); }},
    {"result.document", Place::kResult, [](const Scope& s) { return Text(ResultDocument(s)); }},
    {"identity.kind", Place::kIdentity, IdentityKind},
    {"identity.number", Place::kIdentity, [](const Scope& s) { return Text(ApplicantOf(s).identity_number()); }},
};

constexpr ListSource kLists[] = {
    {"supplements", Place::kSupplement, Supplements},
    {"documents", Place::kDocument, Documents},
    {"fees", Place::kFee, Fees},
    {"fees_when_asked", Place::kFee, FeesWhenAsked},
    {"results", Place::kResult, Results},
    {"results_when_finished", Place::kResult, ResultsWhenFinished},
    {"identities", Place::kIdentity, Identities},
};

// Maps, not the tables: every field of every record is looked up by name.
template <typename Row, size_t kSize>
std::unordered_map<std::string_view, const Row*> ByName(const Row (&rows)[kSize]) {
  std::unordered_map<std::string_view, const Row*> by_name;
  for (const Row& row : rows) by_name.emplace(row.name, &row);
  return by_name;
}

// The first alias that begins with the prefix, without it; "" if there is none.
template <typename Aliases>
std::string BehindPrefix(const Aliases& aliases, const std::string& prefix) {
  for (const std::string& alias : aliases) {
    if (alias.size() > prefix.size() && absl::StartsWith(alias, prefix)) return alias.substr(prefix.size());
  }
  return "";
}

// The request as it was when the dossier was opened; later events may have changed its aliases.
const tthc::v1::Request& OpeningRequest(const MirrorDelivery& delivery) {
  if (delivery.steps().empty()) return delivery.dossier().request();
  const Event& first = delivery.steps(0).event();
  if (first.has_submitted()) return first.submitted().request();
  if (first.has_accepted()) return first.accepted().request();
  return first.intake_refused().request();
}

}  // namespace

const Source* FindSource(absl::string_view name) {
  static const auto* const kByName = new auto(ByName(kSources));
  const auto found = kByName->find(std::string_view(name.data(), name.size()));
  return found == kByName->end() ? nullptr : found->second;
}

const ListSource* FindListSource(absl::string_view name) {
  static const auto* const kByName = new auto(ByName(kLists));
  const auto found = kByName->find(std::string_view(name.data(), name.size()));
  return found == kByName->end() ? nullptr : found->second;
}

std::vector<std::string> SourceNames() {
  std::vector<std::string> names;
  for (const Source& source : kSources) names.emplace_back(source.name);
  for (const ListSource& list : kLists) names.emplace_back(list.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string StatusCode(const v1::Profile& profile, Dossier::State state, tthc::v1::PauseReason pause_reason) {
  // Rows with a pause reason win whatever their position in the profile.
  for (const bool with_reason : {true, false}) {
    for (const v1::Status& row : profile.statuses()) {
      const bool has_reason = row.pause_reason() != tthc::v1::PAUSE_REASON_UNSPECIFIED;
      if (row.state() != state || has_reason != with_reason) continue;
      if (!has_reason || row.pause_reason() == pause_reason) return row.code();
    }
  }
  return "";
}

std::string StatusCode(const v1::Profile& profile, const MirrorDelivery& delivery) {
  // Waits are in the order in which they began. Only the last one can be open.
  auto reason = tthc::v1::PAUSE_REASON_UNSPECIFIED;
  const auto& waits = delivery.dossier().waits();
  if (!waits.empty() && !waits.rbegin()->has_end_time()) reason = waits.rbegin()->reason();
  return StatusCode(profile, delivery.dossier().state(), reason);
}

std::string AliasAtTarget(const v1::Profile& profile, const MirrorDelivery& delivery) {
  if (!profile.alias_prefix().empty()) return BehindPrefix(delivery.dossier().aliases(), profile.alias_prefix());
  return BehindPrefix(OpeningRequest(delivery).aliases(), absl::StrCat(profile.id(), ":"));
}

std::string CodeAtTarget(const v1::Profile& profile, const MirrorDelivery& delivery) {
  std::string alias = AliasAtTarget(profile, delivery);
  return alias.empty() ? CurrentCode(delivery) : alias;
}

// After an intake refusal or a stop no acceptance can follow.
bool HasLastingCode(const v1::Profile& profile, const MirrorDelivery& delivery) {
  const Dossier& dossier = delivery.dossier();
  if (!dossier.code().empty() || !AliasAtTarget(profile, delivery).empty()) return true;
  return dossier.state() == Dossier::STATE_INTAKE_REFUSED || dossier.state() == Dossier::STATE_STOPPED;
}

std::string EventKind(const Event& event) {
  const auto* const oneof = Event::descriptor()->FindOneofByName("payload");
  const auto* const field = event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
  return field == nullptr ? "" : std::string(field->name());
}

const v1::StepWords* FindStepWords(const v1::Profile& profile, const Event& event) {
  const std::string kind = EventKind(event);
  for (const v1::StepWords& words : profile.step_words()) {
    if (words.event() == kind) return &words;
  }
  return nullptr;
}

}  // namespace tthc::sync
