#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/commands.h"
#include "client/sync/reconcile.h"
#include "client/terminal/messages.h"
#include "client/terminal/mirror_text.h"
#include "client/terminal/progress.h"
#include "client/terminal/table.h"
#include "nlohmann/json.hpp"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using terminal::Lang;
using terminal::Text;
using terminal::UsageError;
using tthc::v1::MirrorItem;
using Kind = Comparison::Kind;

// Columns of the kind in front of a dossier.
constexpr size_t kKindWidth = 15;

struct KindWords {
  const char* name;
  Text text;
};

KindWords WordsOf(const Comparison& comparison) {
  switch (comparison.kind) {
    case Kind::kEqual:
      return {"equal", {"khớp", "equal"}};
    case Kind::kWaiting:
      return {"waiting", {"chờ gửi", "waiting"}};
    case Kind::kMissing:
      return {"missing", {"thiếu", "missing"}};
    case Kind::kStale:
      return {"stale", {"cũ", "stale"}};
    case Kind::kForeign:
      if (comparison.is_filing) return {"filing", {"lạ", "foreign"}};
      return {"foreign", {"lạ", "foreign"}};
    case Kind::kExcluded:
      return {"excluded", {"không phải gửi", "excluded"}};
    case Kind::kUnasked:
      return {"unasked", {"chưa hỏi được", "not answered"}};
  }
  return {"", {}};
}

// Names of fields and numbers of steps; never values, which may be personal.
std::string DescribeStale(const Comparison& comparison, const terminal::Session& session) {
  std::vector<std::string> parts;
  if (!comparison.status_there.empty() && comparison.status_there != comparison.status_here) {
    parts.push_back(absl::StrCat(session.Say({"trạng thái ở đây ", "status here "}), comparison.status_here,
                                 session.Say({", ở đó ", ", there "}), comparison.status_there));
  }
  if (!comparison.fields.empty()) {
    parts.push_back(absl::StrCat(session.Say({"khác ", "differs in "}), absl::StrJoin(comparison.fields, ", ")));
  }
  if (comparison.steps_missing > 0) {
    parts.push_back(
        absl::StrCat(session.Say({"thiếu ", "lacks "}), comparison.steps_missing, session.Say({" bước", " steps"})));
  }
  if (comparison.steps_extra > 0) {
    parts.push_back(
        absl::StrCat(session.Say({"thừa ", "has "}), comparison.steps_extra,
                     session.Say({" bước: gửi lại không sửa được, báo bên nhận",
                                  " extra steps: sending again does not remove them; contact the target's team"})));
  }
  return absl::StrJoin(parts, "; ");
}

std::string Describe(const Comparison& comparison, const terminal::Session& session) {
  if (comparison.is_filing && comparison.kind == Kind::kForeign) {
    return session.Say({"nộp ở đó, chưa có ở đây: tthc-sync pull", "filed there, not here yet: tthc-sync pull"});
  }
  switch (comparison.kind) {
    case Kind::kMissing:
      return session.Say({"bên nhận không có", "is not there"});
    case Kind::kForeign:
      if (comparison.fields.empty()) {
        return session.Say(
            {"không phải gửi nhưng bên nhận có mã này", "is excluded, but the target has a record under its code"});
      }
      return absl::StrCat(session.Say({"mã này ở bên nhận là hồ sơ khác: ", "its code is another dossier's there: "}),
                          absl::StrJoin(comparison.fields, ", "));
    case Kind::kUnasked:
      return terminal::MirrorTroubleLabel(comparison.reason, session.lang());
    default:
      return DescribeStale(comparison, session);
  }
}

// What happens next with a dossier that differs.
std::string DescribeNext(const Comparison& comparison, const terminal::Session& session) {
  if (comparison.repair_asked) return session.Say({"đã yêu cầu gửi lại", "will be sent again"});
  if (!comparison.differs()) return "";
  if (comparison.state == MirrorItem::STATE_PARKED) return session.Say({"đang chờ xử lý", "parked"});
  if (comparison.state == MirrorItem::STATE_SKIPPED) return session.Say({"đã bỏ qua", "skipped"});
  return "";
}

// Prints differences while they are found: a run over all dossiers takes minutes.
class Report {
 public:
  Report(const terminal::Session& session, const std::string& target, bool repair)
      : session_(session),
        target_(target),
        repair_(repair),
        progress_(session, session.Say({"Đối chiếu", "Reconciling"})) {
    if (!session.is_json()) return;
    session.out() << "{\"target\":" << ordered_json(target).dump() << ",\"differences\":[";
  }

  void Add(const Comparison& comparison) {
    progress_.Clear();
    const KindWords words = WordsOf(comparison);
    if (session_.is_json()) return AddJson(comparison, words);
    const std::string& code = comparison.own_code;
    session_.out() << terminal::PadToWidth(session_.Say(words.text), kKindWidth) << " "
                   << (code.empty() ? comparison.code : code);
    if (!code.empty() && !comparison.code.empty() && comparison.code != code) {
      session_.out() << " = " << comparison.code;
    }
    const std::string how = terminal::HarmlessText(Describe(comparison, session_));
    if (!how.empty()) session_.out() << "  " << how;
    const std::string next = DescribeNext(comparison, session_);
    if (!next.empty()) session_.out() << "  [" << next << "]";
    // Flushed, so that a pipe shows it at once.
    session_.out() << std::endl;
  }

  void Show(int64_t done, int64_t total) { progress_.Show(done, total); }

  // Ends the output after an error.
  void Abort(const absl::Status& error) {
    progress_.Clear();
    if (session_.is_json()) session_.out() << "],\"error\":" << ordered_json(ErrorReason(error)).dump() << "}\n";
  }

  void Finish(const ReconcileCounts& counts) {
    progress_.Clear();
    if (session_.is_json()) return FinishJson(counts);
    const auto share = counts.equal_share();
    session_.out() << session_.Say({"Đã đối chiếu ", "Reconciled "}) << counts.dossiers
                   << session_.Say({" hồ sơ với ", " dossiers with "}) << target_
                   << session_.Say({": khớp ", ": equal "}) << counts.equal << " ("
                   << (share.has_value() ? terminal::FormatShare(*share, session_.lang()) : "–") << ")\n  ";
    const std::pair<Text, int64_t> rows[] = {{{"thiếu", "missing"}, counts.missing},
                                             {{"cũ", "stale"}, counts.stale},
                                             {{"lạ", "foreign"}, counts.foreign},
                                             {{"nộp ở đó, chưa lấy về", "filed there, not pulled"}, counts.filings},
                                             {{"chờ gửi", "waiting"}, counts.waiting},
                                             {{"không phải gửi", "excluded"}, counts.excluded},
                                             {{"chưa hỏi được", "not answered"}, counts.unasked}};
    std::vector<std::string> parts;
    for (const auto& [text, count] : rows) parts.push_back(absl::StrCat(session_.Say(text), " ", count));
    session_.out() << absl::StrJoin(parts, " · ") << "\n";
    Advise(counts);
  }

 private:
  void Advise(const ReconcileCounts& counts) const {
    if (counts.parked > 0) {
      session_.out() << "  " << counts.parked
                     << session_.Say({" hồ sơ đang chờ xử lý: tthc mirror parked ", " are parked: tthc mirror parked "})
                     << target_ << "\n";
    }
    if (counts.repairs_asked > 0) {
      session_.out() << "  " << session_.Say({"Đã yêu cầu gửi lại ", "Requested "}) << counts.repairs_asked
                     << session_.Say(
                            {" hồ sơ; tthc-sync đang chạy sẽ gửi. Đối chiếu lại sau khi tthc mirror báo hết chờ gửi.",
                             " dossiers to be sent again by the running tthc-sync. Reconcile again once "
                             "tthc mirror shows nothing pending."})
                     << "\n";
    } else if (!repair_ && counts.missing + counts.stale > counts.parked + counts.skipped) {
      session_.out() << "  "
                     << session_.Say({"Thêm --repair để gửi lại hồ sơ thiếu và cũ.",
                                      "Add --repair to send missing and stale dossiers again."})
                     << "\n";
    }
  }

  void AddJson(const Comparison& comparison, const KindWords& words) {
    ordered_json json = {{"kind", words.name}, {"code", comparison.code}};
    if (!comparison.dossier.empty()) json["dossier"] = comparison.dossier;
    if (!comparison.own_code.empty()) json["ownCode"] = comparison.own_code;
    if (comparison.state != MirrorItem::STATE_UNSPECIFIED) json["state"] = MirrorItem::State_Name(comparison.state);
    if (!comparison.status_here.empty()) json["statusHere"] = comparison.status_here;
    if (!comparison.status_there.empty()) json["statusThere"] = comparison.status_there;
    if (!comparison.fields.empty()) json["fields"] = comparison.fields;
    if (comparison.steps_missing > 0) json["stepsMissing"] = comparison.steps_missing;
    if (comparison.steps_extra > 0) json["stepsExtra"] = comparison.steps_extra;
    if (!comparison.reason.empty()) json["reason"] = comparison.reason;
    if (comparison.repair_asked) json["repairAsked"] = true;
    session_.out() << (is_first_ ? "\n" : ",\n") << json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    is_first_ = false;
  }

  void FinishJson(const ReconcileCounts& counts) const {
    ordered_json summary = {
        {"dossiers", counts.dossiers}, {"equal", counts.equal},       {"waiting", counts.waiting},
        {"missing", counts.missing},   {"stale", counts.stale},       {"foreign", counts.foreign},
        {"filings", counts.filings},   {"excluded", counts.excluded}, {"unasked", counts.unasked},
        {"parked", counts.parked},     {"skipped", counts.skipped},   {"repairsAsked", counts.repairs_asked}};
    // Null, not 0, if the target answered for no dossier.
    summary["equalShare"] = counts.equal_share().has_value() ? ordered_json(*counts.equal_share()) : ordered_json();
    session_.out() << "],\"summary\":" << summary.dump() << "}\n";
  }

  const terminal::Session& session_;
  const std::string target_;
  const bool repair_;
  bool is_first_ = true;
  terminal::Progress progress_;
};

absl::StatusOr<std::optional<absl::Time>> DayOf(const char* option, const std::string& text, int days_later) {
  if (text.empty()) return std::optional<absl::Time>();
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(text);
  if (!day.ok())
    return UsageError(option, "must be an existing day YYYY-MM-DD", "phải là ngày có thật dạng YYYY-MM-DD");
  return std::optional(LocalMidnight(DayNumber(*day) + days_later));
}

// One of --all, --sample and a period is required: a run over everything must not start by mistake.
absl::StatusOr<ReconcileOptions> ToOptions(const CommandContext& context, const ReconcileArguments& arguments) {
  const bool has_period = !arguments.from.empty() || !arguments.to.empty();
  if (arguments.all ? has_period || arguments.sample > 0 : !has_period && arguments.sample <= 0) {
    return UsageError("--all", "give --all, --sample N or --from/--to (these two may stand together)",
                      "cần --all, --sample N hoặc --from/--to (hai loại sau dùng chung được)");
  }
  ReconcileOptions options{.sample = arguments.sample, .repair = arguments.repair, .holder = context.holder};
  TTHC_ASSIGN_OR_RETURN(options.from, DayOf("--from", arguments.from, 0));
  TTHC_ASSIGN_OR_RETURN(options.to, DayOf("--to", arguments.to, 1));
  const int64_t today = LocalDayNumber(context.session.environment().clock->Now());
  options.seed = arguments.seed != 0 ? arguments.seed : static_cast<uint64_t>(today);
  return options;
}

}  // namespace

int RunReconcile(const CommandContext& context, const Setup& setup, const ReconcileArguments& arguments) {
  terminal::Session& session = context.session;
  absl::StatusOr<ReconcileOptions> options = ToOptions(context, arguments);
  if (!options.ok()) return Fail(session, options.status());
  const absl::StatusOr<const TargetSetup*> target = ChooseTarget(setup, arguments.target);
  if (!target.ok()) return Fail(session, target.status());
  const auto connection = PortalConnection::Open(context, **target);
  if (!connection.ok()) return Fail(session, connection.status());

  Report report(session, (*target)->target.id(), arguments.repair);
  options->on_found = [&](const Comparison& comparison) { report.Add(comparison); };
  options->on_progress = [&](int64_t done, int64_t total) { report.Show(done, total); };
  const absl::StatusOr<ReconcileCounts> counts =
      Reconcile(session.client(), (*connection)->client(), **target, *options);
  if (!counts.ok()) {
    report.Abort(counts.status());
    return Fail(session, counts.status());
  }
  report.Finish(*counts);
  // Differences that are being repaired are no failure.
  return counts->differences() > counts->repairs_asked || counts->unasked > 0 ? 1 : 0;
}

}  // namespace tthc::sync
