#include <cstddef>
#include <cstdint>
#include <string>

#include "server/domain/deadline.h"
#include "server/domain/period.h"
#include "server/service/event_check.h"
#include "storage/base/check.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "storage/store.h"

// What people type: limits, cut-offs, times, periods, codes, names.
namespace tthc {
namespace {

void ParseLimits(const std::string& text) {
  if (const auto limit = domain::ParseLimit(text); limit.ok()) {
    TTHC_CHECK(domain::CheckLimit("limit", *limit).ok());
    const auto again = domain::ParseLimit(domain::FormatLimit(*limit));
    TTHC_CHECK(again.ok() && again->SerializeAsString() == limit->SerializeAsString());
    TTHC_CHECK(!domain::FormatLimitForPeople(*limit, "vi").empty());
  }
  if (const auto cut_off = domain::ParseCutOff(text); cut_off.ok()) {
    TTHC_CHECK(domain::CheckCutOff("cut_off", *cut_off).ok());
    const auto again = domain::ParseCutOff(domain::FormatCutOff(*cut_off));
    TTHC_CHECK(again.ok() && again->SerializeAsString() == cut_off->SerializeAsString());
  }
}

void ParseTimes(const std::string& text) {
  if (const auto time = ParseRfc3339(text); time.ok()) {
    // Whole seconds are what the format keeps.
    const auto again = ParseRfc3339(FormatRfc3339(*time));
    TTHC_CHECK(again.ok() && FormatRfc3339(*again) == FormatRfc3339(*time));
    TTHC_CHECK(FromProto(ToProto(*time)) <= *time);
  }
  if (const auto time = ParseLocalTime(text); time.ok()) TTHC_CHECK(ParseLocalTime(FormatRfc3339(*time)).ok());
  if (const auto day = ParseIsoDate(text); day.ok()) {
    TTHC_CHECK(FormatIsoDate(*day) == text);
    TTHC_CHECK(CivilDayOf(DayNumber(*day)) == *day);
  }
}

void ParsePeriods(const std::string& text) {
  v1::Period period;
  period.set_preset(text);
  const auto resolved = domain::ResolvePeriod(period, LocalMidnight(20'000));
  if (!resolved.ok()) return;
  TTHC_CHECK(resolved->from < resolved->to && domain::PreviousPeriod(*resolved).to == resolved->from);
  // What an answer says can be asked again, whenever that is.
  const v1::Period said = domain::PeriodToProto(*resolved);
  const auto again = domain::ResolvePeriod(said, LocalMidnight(30'000));
  TTHC_CHECK(again.ok() && domain::PeriodToProto(*again).SerializeAsString() == said.SerializeAsString());
}

void ReadTexts(const std::string& text) {
  const std::string folded = FoldForSearch(text);
  TTHC_CHECK(FoldForSearch(folded) == folded);
  TTHC_CHECK(folded.empty() || (folded.front() != ' ' && folded.back() != ' '));
  static_cast<void>(DigitsOf(text));
  const std::string code = storage::CanonicalCode(text);
  TTHC_CHECK(storage::CanonicalCode(code) == code);
  static_cast<void>(server::CheckCode("code", text));
  static_cast<void>(server::CheckRequestId(text));
  if (!CheckText("text", text, {.bytes_max = 4096, .multi_line = true}).ok()) return;
  const std::string normal = ToNfc(text);
  TTHC_CHECK(ToNfc(normal) == normal);
  static_cast<void>(DisplayWidth(text));
  static_cast<void>(MaskName(text));
  static_cast<void>(MaskNumber(text));
}

}  // namespace
}  // namespace tthc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tthc::ParseLimits(text);
  tthc::ParseTimes(text);
  tthc::ParsePeriods(text);
  tthc::ReadTexts(text);
  return 0;
}
