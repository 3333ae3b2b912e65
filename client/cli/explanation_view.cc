#include "client/cli/explanation_view.h"

#include "absl/strings/str_cat.h"
#include "client/cli/output.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "server/timing/deadline.h"

namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Lang;
using terminal::LangCode;
using terminal::Session;

void WriteIntervals(const Session& session, const v1::DueTimeExplanation& explanation) {
  ListWriter writer(session, {{.header = {"Từ", "From"}},
                              {.header = {"Đến", "To"}},
                              {.header = {"Tính", "Counted"}, .right = true},
                              {.header = {"Loại", "Kind"}},
                              {.header = {"Lý do", "Reason"}, .shrinks = true}});
  for (const v1::DueInterval& interval : explanation.intervals()) {
    writer.Add(interval, {FormatTableTime(interval.start_time()), FormatTableTime(interval.end_time()),
                          absl::StrCat(interval.counted_minutes()),
                          EnumLabel(*v1::DueInterval::Kind_descriptor(), interval.kind(), session.lang()),
                          session.lang() == Lang::kVi ? interval.reason_vi() : interval.reason_en()});
  }
}

}  // namespace

void WriteExplanation(const Session& session, const v1::DueTimeExplanation& explanation) {
  if (session.is_csv()) return WriteIntervals(session, explanation);
  if (!session.is_table()) return WriteRecord(session, explanation, {.with_defaults = true});
  const bool color = session.color_out();
  session.out() << session.Say({"Hẹn trả: ", "Due: "}) << (color ? "\x1b[1m" : "")
                << (explanation.has_due_time() ? FormatTableTime(explanation.due_time())
                                               : session.Say({"không có", "never"}))
                << (color ? "\x1b[0m" : "") << " ("
                << EnumLabel(*v1::CountingRule_descriptor(), explanation.counting_rule(), session.lang()) << ", "
                << timing::FormatLimitForPeople(explanation.limit(), LangCode(session.lang())) << ")\n";
  // Both rules, though only one counts: people compare them with receipts and other systems.
  session.out() << session.Say({"Theo ngày: ", "By date: "}) << FormatTableTime(explanation.date_rule_due_time())
                << session.Say({" · theo giờ: ", " · by the clock: "})
                << FormatTableTime(explanation.clock_rule_due_time()) << "\n";
  // The sentences come from the code that counted; this program only chooses the language.
  const auto& summary = session.lang() == Lang::kVi ? explanation.summary_vi() : explanation.summary_en();
  for (const std::string& line : summary) session.out() << "  " << line << "\n";
  WriteIntervals(session, explanation);
  // A warning instead of a row: it concerns a promise that is about to be given to an applicant.
  if (explanation.provisional()) {
    session.Warn(session.Say({"có năm chưa có thông báo nghỉ chính thức; hẹn trả có thể đổi",
                              "a year has no official notice of days off yet; the due time may change"}));
  }
}

}  // namespace tthc::cli
