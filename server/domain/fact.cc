#include "server/domain/fact.h"

#include "absl/time/time.h"
#include "server/domain/lifecycle.h"
#include "server/domain/timeliness.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"

namespace tthc::domain {
namespace {

int64_t Seconds(const google::protobuf::Timestamp& timestamp) { return timestamp.seconds(); }

int64_t SecondsOrNone(absl::Time time) { return time == absl::InfiniteFuture() ? 0 : absl::ToUnixSeconds(time); }

uint32_t Flags(const v1::Dossier& dossier) {
  uint32_t flags = 0;
  if (dossier.result() == v1::Finished::REFUSED) flags |= kFactRefused;
  if (dossier.over_supplemented()) flags |= kFactOverSupplemented;
  if (dossier.has_reschedule()) flags |= kFactRescheduled;
  if (dossier.has_accept_time()) flags |= kFactAccepted;
  if (dossier.state() == v1::Dossier::STOPPED) flags |= kFactStopped;
  if (!HasEnded(dossier.state()) || !dossier.due().has_due_time()) return flags;
  const absl::Time due = FromProto(dossier.due().due_time());
  const absl::Time moment = JudgedMoment(dossier, absl::InfiniteFuture());
  const v1::Timeliness::Verdict by_date = JudgeDates(true, due, moment);
  if (by_date == v1::Timeliness::EARLY) flags |= kFactEndedEarly;
  if (by_date == v1::Timeliness::LATE) flags |= kFactEndedLate;
  if (moment > due) flags |= kFactEndedPastDue;
  return flags;
}

// Since when the present holder has it.
int64_t HolderSince(const v1::Dossier& dossier) {
  if (!dossier.steps().empty()) return Seconds(dossier.steps().rbegin()->forward_time());
  return Seconds(dossier.has_accept_time() ? dossier.accept_time() : dossier.submit_time());
}

}  // namespace

storage::v1::Fact MakeFact(const v1::Dossier& dossier, const NumberOfName& number_of) {
  const v1::Request& request = dossier.request();
  storage::v1::Fact fact;
  fact.set_state(dossier.state());
  fact.set_channel(request.channel());
  fact.set_procedure(number_of(request.procedure()));
  fact.set_field(number_of(dossier.terms().field()));
  fact.set_office(number_of(request.office()));
  fact.set_unit(number_of(dossier.unit()));
  fact.set_officer(number_of(dossier.officer()));
  fact.set_submit_time(Seconds(dossier.submit_time()));
  fact.set_accept_time(Seconds(dossier.accept_time()));
  fact.set_due_time(Seconds(dossier.due().due_time()));
  fact.set_overdue_time(SecondsOrNone(OverdueTime(dossier)));
  fact.set_end_time(SecondsOrNone(EndTime(dossier)));
  fact.set_return_time(Seconds(dossier.return_time()));
  fact.set_flags(Flags(dossier));
  fact.set_folded_name(FoldForSearch(request.applicant().display_name()));
  fact.set_phone_digits(PhoneDigits(request.applicant().phone_number()));
  fact.set_identity_digits(DigitsOf(request.applicant().identity_number()));
  fact.set_code(dossier.code());
  *fact.mutable_aliases() = dossier.aliases();
  fact.set_holder_since_time(HolderSince(dossier));
  return fact;
}

}  // namespace tthc::domain
