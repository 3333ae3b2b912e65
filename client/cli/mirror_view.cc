#include "client/cli/mirror_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/cli/field_value.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "client/terminal/mirror_text.h"
#include "client/terminal/table.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"

namespace tthc::cli {
namespace {

using terminal::FormatAmount;
using terminal::FormatElapsed;
using terminal::FormatShare;
using terminal::FormatTableTime;
using terminal::HarmlessText;
using terminal::Lang;
using terminal::LayOutBody;
using terminal::MirrorAdvice;
using terminal::MirrorOutcomeLabel;
using terminal::MirrorReasonLabel;
using terminal::MirrorTroubleLabel;
using terminal::PadToWidth;
using terminal::Session;
using terminal::Text;
using terminal::WrapToWidth;

constexpr size_t kMirrorIndent = 2;
constexpr size_t kLabelWidth = 14;

// "23/11/2026 10:00:05"; "" if unset.
std::string FormatSecond(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%d/%m/%Y %H:%M:%S", FromProto(time), LocalTimeZone());
}

// By this machine's clock. A wrong one only makes the shown state wrong; nothing is decided by it.
bool IsLeased(const Session& session, const v1::MirrorLease& lease) {
  return !lease.holder().empty() && FromProto(lease.expire_time()) > session.environment().clock->Now();
}

void Line(const Session& session, const Text& label, const std::string& text) {
  if (text.empty()) return;
  const size_t indent = kMirrorIndent + kLabelWidth;
  const size_t width = session.width() > indent + 20 ? session.width() - indent : 0;
  bool first = true;
  // Names and errors come from targets and configurations, so every text passes here.
  for (const std::string& line : WrapToWidth(HarmlessText(text), width)) {
    session.out() << std::string(kMirrorIndent, ' ') << PadToWidth(first ? session.Say(label) : "", kLabelWidth) << line
                  << "\n";
    first = false;
  }
}

void Heading(const Session& session, const std::string& name, const std::string& state, bool good) {
  const bool color = session.color_out();
  session.out() << (color ? "\x1b[1m" : "") << name << (color ? "\x1b[0m" : "") << "  "
                << (color && !good ? "\x1b[31m" : "") << HarmlessText(state) << (color && !good ? "\x1b[0m" : "")
                << "\n";
}

std::string WithReason(const char* state, const std::string& reason) {
  return reason.empty() ? state : absl::StrCat(state, ": ", reason);
}

std::string DescribeLag(const Session& session, const v1::MirrorProgress& progress) {
  if (progress.pending_count() == 0 && progress.lag_event_count() == 0) return session.Say({"không", "none"});
  std::string text = absl::StrCat(FormatAmount(progress.lag_event_count()), session.Say({" thay đổi", " changes"}));
  if (FromProto(progress.lag_time()) > absl::ZeroDuration()) {
    absl::StrAppend(&text, session.Say({", việc cũ nhất chờ ", ", the oldest waits for "}),
                    FormatElapsed(FromProto(progress.lag_time()), session.lang()));
  }
  return text;
}

std::string DescribeConfirmed(const Session& session, const v1::MirrorProgress& progress) {
  std::string text = absl::StrCat(FormatAmount(progress.confirmed_count()), "/", FormatAmount(progress.total_count()),
                                  session.Say({" hồ sơ", " dossiers"}));
  // Unset while there is nothing to confirm: none of none is no share.
  if (progress.has_confirmed_share()) {
    absl::StrAppend(&text, " · ", FormatShare(progress.confirmed_share(), session.lang()));
  }
  // Said beside the figures, because they are too low until the count is done.
  if (progress.counting()) {
    absl::StrAppend(&text, session.Say({" · đang đếm lại, chưa đủ", " · still being counted"}));
  }
  return text;
}

// Warns when the target is so far behind that compaction of the feed will soon not wait for it, or does not wait any
// more; "" while it is far from that.
std::string CompactionWarning(const Session& session, const v1::MirrorProgress& progress) {
  const int64_t margin = progress.compaction_margin();
  if (margin >= limits::kMirrorHoldRevisionsMax - limits::kMirrorHoldRevisionsWarning) return "";
  // Worded so that nobody fears a loss of data.
  if (margin < 0) {
    return session.Say({"việc dọn dòng thay đổi không chờ hệ thống này nữa; không mất hồ sơ nào, vẫn gửi đủ",
                        "compaction of the feed does not wait for this target any more; nothing is lost, "
                        "everything will still be sent"});
  }
  return absl::StrCat(session.Say({"chậm thêm ", "another "}), FormatAmount(margin),
                      session.Say({" thay đổi nữa thì việc dọn dòng thay đổi không chờ hệ thống này nữa",
                                   " changes behind, and compaction of the feed will not wait for this target"}));
}

std::string DescribeLease(const Session& session, const v1::MirrorLease& lease) {
  if (lease.holder().empty()) return "";
  return absl::StrCat(lease.holder(),
                      IsLeased(session, lease) ? session.Say({" · giữ đến ", " · until "})
                                               : session.Say({" · đã hết hạn lúc ", " · ran out at "}),
                      FormatSecond(lease.expire_time()));
}

// "hệ thống nhận từ chối (REFUSED), mã -5: thiếu MaTTHC".
std::string DescribeError(const Session& session, const v1::MirrorError& error) {
  const std::string label = MirrorReasonLabel(error.reason(), session.lang());
  std::string text = label == error.reason() ? label : absl::StrCat(label, " (", error.reason(), ")");
  if (!error.code().empty()) absl::StrAppend(&text, session.Say({", mã ", ", code "}), error.code());
  if (!error.message().empty()) absl::StrAppend(&text, text.empty() ? "" : ": ", error.message());
  return text;
}

std::string DescribeDecision(const v1::MirrorItem& item) {
  if (!item.has_decision_time()) return "";
  std::string text = FormatTableTime(item.decision_time());
  for (const std::string& part : {ResourceId(item.decision_actor()), item.decision_reason()}) {
    if (!part.empty()) absl::StrAppend(&text, " · ", part);
  }
  return text;
}

std::string NextTry(const Session& session, const v1::MirrorItem& item) {
  if (item.state() != v1::MirrorItem::STATE_PENDING) return "";
  return item.has_next_try_time() ? FormatSecond(item.next_try_time())
                                  : session.Say({"ngay khi tới lượt", "as soon as possible"});
}

std::string DescribeSent(const Session& session, const v1::MirrorItem& item) {
  if (item.sent_status().empty()) return session.Say({"chưa gửi được lần nào", "nothing yet"});
  return absl::StrCat(session.Say({"trạng thái ", "status "}), item.sent_status(), " · ",
                      FormatSecond(item.sent_time()));
}

std::string DescribeRevisions(const Session& session, const v1::MirrorItem& item) {
  std::string text = absl::StrCat(session.Say({"đã xác nhận đến ", "confirmed up to "}), item.confirmed_revision(),
                                  session.Say({", mới nhất ", ", newest "}), item.desired_revision());
  if (item.has_confirmed_time()) absl::StrAppend(&text, " · ", FormatSecond(item.confirmed_time()));
  return text;
}

std::string DescribeExchange(const Session& session, const v1::MirrorExchange& exchange) {
  const double seconds = absl::ToDoubleSeconds(FromProto(exchange.duration()));
  std::string took = absl::StrFormat("%.2f", seconds);
  if (session.lang() == Lang::kVi) took = absl::StrReplaceAll(took, {{".", ","}});
  std::vector<std::string> parts = {FormatSecond(exchange.send_time()), exchange.service()};
  // 0 if no answer came.
  if (exchange.http_status() != 0) parts.push_back(absl::StrCat("HTTP ", exchange.http_status()));
  parts.push_back(absl::StrCat(took, session.Say({" giây", " s"})));
  parts.push_back(MirrorOutcomeLabel(exchange.outcome(), session.lang()));
  if (!exchange.error().empty()) parts.push_back(exchange.error());
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrJoin(parts, " · ");
}

void WriteBody(const Session& session, const Text& label, const std::string& body, bool cut) {
  if (body.empty()) return;
  session.out() << "    " << session.Say(label) << (cut ? session.Say({" (bị cắt bớt)", " (cut)"}) : "") << "\n";
  // A body is cut by the server and may hold any bytes; LayOutBody makes it safe to print.
  for (const absl::string_view line : absl::StrSplit(LayOutBody(body), '\n')) {
    session.out() << "      " << line << "\n";
  }
}

void WriteExchange(const Session& session, const v1::MirrorExchange& exchange) {
  session.out() << "  → " << HarmlessText(DescribeExchange(session, exchange)) << "\n";
  if (!exchange.url().empty()) session.out() << "    " << HarmlessText(exchange.url()) << "\n";
  WriteBody(session, {"Gửi", "Sent"}, exchange.request(), exchange.request_cut());
  WriteBody(session, {"Nhận", "Received"}, exchange.response(), exchange.response_cut());
}

}  // namespace

TargetState DescribeTargetState(const Session& session, const v1::MirrorTarget& target) {
  // The first that applies hides the rest: what a person decided explains a missing lease, and without a lease the last
  // condition is out of date.
  const v1::MirrorCondition& condition = target.condition();
  if (target.retired()) {
    return {WithReason(session.Say({"đã ngừng dùng", "retired"}), target.pause_reason()), true};
  }
  if (target.paused()) return {WithReason(session.Say({"tạm dừng", "paused"}), target.pause_reason()), false};
  if (!IsLeased(session, target.lease())) {
    return {session.Say({"không có tthc-sync nào đang gửi", "no tthc-sync is delivering"}), false};
  }
  std::string text = EnumLabel(*v1::MirrorCondition::State_descriptor(), condition.state(), session.lang());
  // Conditions are lost when the server restarts, and reported again with the next renewal.
  if (text.empty()) return {session.Say({"vừa nối lại", "just connected"}), true};
  const bool good = condition.state() == v1::MirrorCondition::STATE_HEALTHY;
  if (!good && condition.has_next_try_time()) {
    absl::StrAppend(&text, session.Say({", thử lại lúc ", ", next try at "}), FormatSecond(condition.next_try_time()));
  }
  return {text, good};
}

const std::vector<OutputColumn>& TargetColumns() {
  static const auto* const columns = new std::vector<OutputColumn>{{.header = {"Hệ thống nhận", "Target"}},
                                                                   {.header = {"Tên", "Name"}},
                                                                   {.header = {"Tình trạng", "State"}},
                                                                   {.header = {"Lỗi gần nhất", "Last error"}},
                                                                   {.header = {"Nhận lần cuối", "Last success"}},
                                                                   {.header = {"Đang gửi", "Holder"}},
                                                                   {.header = {"Phải gửi", "Total"}},
                                                                   {.header = {"Đã xác nhận", "Confirmed"}},
                                                                   {.header = {"Tỷ lệ %", "Share %"}},
                                                                   {.header = {"Chờ gửi", "Pending"}},
                                                                   {.header = {"Chờ xử lý", "Parked"}},
                                                                   {.header = {"Bỏ qua", "Skipped"}},
                                                                   {.header = {"Chậm (thay đổi)", "Lag (changes)"}},
                                                                   {.header = {"Chậm (giây)", "Lag (seconds)"}}};
  return *columns;
}

std::vector<std::string> TargetCells(const Session& session, const v1::MirrorTarget& target) {
  const v1::MirrorProgress& progress = target.progress();
  return {ResourceId(target.name()),
          target.display_name(),
          DescribeTargetState(session, target).text,
          target.condition().error(),
          FormatTableTime(target.condition().last_success_time()),
          target.lease().holder(),
          absl::StrCat(progress.total_count()),
          absl::StrCat(progress.confirmed_count()),
          progress.has_confirmed_share() ? absl::StrFormat("%.4f", progress.confirmed_share() * 100) : "",
          absl::StrCat(progress.pending_count()),
          absl::StrCat(progress.parked_count()),
          absl::StrCat(progress.skipped_count()),
          absl::StrCat(progress.lag_event_count()),
          absl::StrCat(absl::ToInt64Seconds(FromProto(progress.lag_time())))};
}

void WriteTarget(const Session& session, const v1::MirrorTarget& target) {
  const v1::MirrorProgress& progress = target.progress();
  const TargetState state = DescribeTargetState(session, target);
  Heading(session, ResourceId(target.name()), state.text, state.good);
  Line(session, {"Tên", "Name"}, target.display_name());
  // The error of a target that works again is past, and would only worry people.
  const bool healthy = target.condition().state() == v1::MirrorCondition::STATE_HEALTHY;
  Line(session, {"Lỗi gần nhất", "Last error"},
       healthy ? "" : MirrorTroubleLabel(target.condition().error(), session.lang()));
  Line(session, {"Nhận lần cuối", "Last success"}, FormatSecond(target.condition().last_success_time()));
  Line(session, {"Đã xác nhận", "Confirmed"}, DescribeConfirmed(session, progress));
  Line(session, {"Còn lại", "Remaining"},
       absl::StrCat(session.Say({"chờ gửi ", "pending "}), FormatAmount(progress.pending_count()),
                    session.Say({" · chờ xử lý ", " · parked "}), FormatAmount(progress.parked_count()),
                    session.Say({" · bỏ qua ", " · skipped "}), FormatAmount(progress.skipped_count())));
  Line(session, {"Chậm", "Behind"}, DescribeLag(session, progress));
  Line(session, {"Đang gửi", "Holder"}, DescribeLease(session, target.lease()));
  const std::string warning = target.retired() ? "" : CompactionWarning(session, progress);
  if (!warning.empty()) session.Warn(absl::StrCat(ResourceId(target.name()), ": ", warning));
}

std::vector<OutputColumn> ItemColumns(v1::MirrorItem::State state) {
  std::vector<OutputColumn> columns = {{.header = {"Mã hồ sơ", "Dossier"}}};
  const auto add = [&](const OutputColumn& column) { columns.push_back(column); };
  // A skipped item has a decision instead of an error.
  if (state == v1::MirrorItem::STATE_SKIPPED) {
    add({.header = {"Bỏ qua lúc", "Skipped"}});
    add({.header = {"Người quyết", "By"}});
    add({.header = {"Vì sao", "Why"}, .shrinks = true, .folds = true});
    return columns;
  }
  add({.header = {"Lý do", "Reason"}, .shrinks = true, .folds = true});
  add({.header = {"Mã lỗi", "Code"}});
  add({.header = {"Nội dung", "Message"}, .shrinks = true, .folds = true});
  add({.header = {"Từ lúc", "Since"}});
  add({.header = {"Lần thử", "Tries"}, .right = true});
  if (state == v1::MirrorItem::STATE_PENDING) add({.header = {"Thử lại lúc", "Next try"}});
  return columns;
}

std::vector<std::string> ItemCells(const Session& session, const v1::MirrorItem& item, const std::string& code,
                                   v1::MirrorItem::State state) {
  const v1::MirrorError& error = item.last_error();
  if (state == v1::MirrorItem::STATE_SKIPPED) {
    return {code, FormatTableTime(item.decision_time()), ResourceId(item.decision_actor()),
            HarmlessText(item.decision_reason())};
  }
  // CSV has the reason as --reason takes it.
  const std::string reason =
      session.is_table() || session.is_xlsx() ? MirrorReasonLabel(error.reason(), session.lang()) : error.reason();
  std::vector<std::string> cells = {code,
                                    HarmlessText(reason),
                                    HarmlessText(error.code()),
                                    HarmlessText(error.message()),
                                    FormatTableTime(error.error_time()),
                                    absl::StrCat(item.attempt_count())};
  if (state == v1::MirrorItem::STATE_PENDING) {
    cells.push_back(item.has_next_try_time() ? FormatSecond(item.next_try_time()) : "");
  }
  return cells;
}

std::string TargetOfItem(const v1::MirrorItem& item) {
  const std::vector<std::string> parts = absl::StrSplit(item.name(), '/');
  return parts.size() > 1 ? parts[1] : item.name();
}

void WriteItem(const Session& session, const v1::MirrorItem& item) {
  const bool parked = item.state() == v1::MirrorItem::STATE_PARKED;
  Heading(session, TargetOfItem(item), EnumLabel(*v1::MirrorItem::State_descriptor(), item.state(), session.lang()),
          !parked);
  // This target does not receive the dossier, so there is nothing more to show.
  if (item.state() == v1::MirrorItem::STATE_EXCLUDED) return;
  Line(session, {parked ? "Vì sao" : "Lỗi gần nhất", parked ? "Why" : "Last error"},
       DescribeError(session, item.last_error()));
  if (item.has_last_error()) Line(session, {"Lúc", "At"}, FormatSecond(item.last_error().error_time()));
  // Only for parked ones; everything else goes on without a person.
  if (parked) Line(session, {"Cần làm", "What to do"}, MirrorAdvice(item.last_error().reason(), session.lang()));
  Line(session, {"Đã gửi", "Sent"}, DescribeSent(session, item));
  Line(session, {"Số thay đổi", "Revisions"}, DescribeRevisions(session, item));
  Line(session, {"Bước", "Steps"},
       absl::StrCat(session.Say({"đã xác nhận ", "confirmed "}), item.confirmed_steps_size()));
  Line(session, {"Lần thử", "Tries"}, item.attempt_count() == 0 ? "" : absl::StrCat(item.attempt_count()));
  Line(session, {"Thử lại", "Next try"}, NextTry(session, item));
  Line(session, {"Quyết định", "Decision"}, DescribeDecision(item));
  for (const v1::MirrorExchange& exchange : item.exchanges()) WriteExchange(session, exchange);
}

const std::vector<OutputColumn>& ItemOverviewColumns() {
  static const auto* const columns = new std::vector<OutputColumn>{{.header = {"Hệ thống nhận", "Target"}},
                                                                   {.header = {"Mã hồ sơ", "Dossier"}},
                                                                   {.header = {"Tình trạng", "State"}},
                                                                   {.header = {"Trạng thái đã gửi", "Status sent"}},
                                                                   {.header = {"Gửi lúc", "Sent"}},
                                                                   {.header = {"Mới nhất", "Newest"}},
                                                                   {.header = {"Đã xác nhận đến", "Confirmed"}},
                                                                   {.header = {"Bước đã xác nhận", "Steps"}},
                                                                   {.header = {"Lần thử", "Tries"}},
                                                                   {.header = {"Lý do", "Reason"}},
                                                                   {.header = {"Mã lỗi", "Code"}},
                                                                   {.header = {"Nội dung", "Message"}},
                                                                   {.header = {"Thử lại lúc", "Next try"}},
                                                                   {.header = {"Quyết định", "Decision"}}};
  return *columns;
}

std::vector<std::string> ItemOverviewCells(const Session& session, const v1::MirrorItem& item,
                                           const std::string& code) {
  const v1::MirrorError& error = item.last_error();
  return {TargetOfItem(item),
          code,
          EnumLabel(*v1::MirrorItem::State_descriptor(), item.state(), session.lang()),
          item.sent_status(),
          FormatSecond(item.sent_time()),
          absl::StrCat(item.desired_revision()),
          absl::StrCat(item.confirmed_revision()),
          absl::StrCat(item.confirmed_steps_size()),
          absl::StrCat(item.attempt_count()),
          error.reason(),
          error.code(),
          HarmlessText(error.message()),
          item.has_next_try_time() ? FormatSecond(item.next_try_time()) : "",
          DescribeDecision(item)};
}

}  // namespace tthc::cli
