#include <cstddef>
#include <cstdint>
#include <string>

#include "server/commit/request_ids.h"
#include "server/dossiers/event_check.h"
#include "server/timing/deadline.h"
#include "server/timing/period.h"
#include "storage/base/check.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "storage/store.h"

// What people type: limits, cut-offs, times, periods, codes, names.
namespace tthc {
namespace {

void ParseLimits(const std::string& text) {
  if (const auto limit = timing::ParseLimit(text); limit.ok()) {
    TTHC_CHECK(timing::CheckLimit("limit", *limit).ok());
    const auto again = timing::ParseLimit(timing::FormatLimit(*limit));
    TTHC_CHECK(again.ok() && again->SerializeAsString() == limit->SerializeAsString());
    TTHC_CHECK(!timing::FormatLimitForPeople(*limit, "vi").empty());
  }
  if (const auto cut_off = timing::ParseCutOff(text); cut_off.ok()) {
    TTHC_CHECK(timing::CheckCutOff("cut_off", *cut_off).ok());
    const auto again = timing::ParseCutOff(timing::FormatCutOff(*cut_off));
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
  const auto resolved = timing::ResolvePeriod(period, LocalMidnight(20'000));
  if (!resolved.ok()) return;
  TTHC_CHECK(resolved->from < resolved->to && timing::PreviousPeriod(*resolved).to == resolved->from);
  // The period that an answer names can be sent in a later request and means the same.
  const v1::Period answered = timing::PeriodToProto(*resolved);
  const auto again = timing::ResolvePeriod(answered, LocalMidnight(30'000));
  TTHC_CHECK(again.ok() && timing::PeriodToProto(*again).SerializeAsString() == answered.SerializeAsString());
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
