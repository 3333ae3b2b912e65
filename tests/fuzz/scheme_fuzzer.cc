#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "google/protobuf/text_format.h"
#include "server/domain/scheme.h"
#include "server/domain/score.h"
#include "server/timing/scheme_text.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

// Schemes of evaluation, as files and as messages: every scheme that passes the check can be evaluated.
namespace tthc {
namespace {

// `count` of everything, shares a half; nothing at all if negative.
domain::ScoreFacts FactsOf(const v1::Scheme& scheme, int64_t count) {
  domain::ScoreFacts facts;
  facts.procedures = facts.procedures_online = count > 0 ? count : 0;
  for (const v1::Metric metric : domain::MetricsOf(scheme)) {
    v1::StatisticsValue value;
    value.set_metric(metric);
    if (count >= 0) {
      value.set_count(count);
      value.set_numerator(count);
      value.set_denominator(2 * count);
    }
    facts.all.Add(value);
    facts.online.Add(value);
  }
  return facts;
}

void Score(const v1::Scheme& scheme) {
  for (const int64_t count : {-1, 0, 1, 7, 5'000'000}) {
    const v1::Score score = domain::Evaluate(scheme, FactsOf(scheme, count), {});
    TTHC_CHECK(score.indicators_size() == scheme.indicators_size());
    // Rounding may add half a tenth for each line.
    const double most = score.max_points() + 0.05 * scheme.indicators_size() + 1e-6;
    TTHC_CHECK(std::isfinite(score.points()) && score.points() >= 0 && score.points() <= most);
    TTHC_CHECK(score.missing_points() >= 0);
    for (const v1::IndicatorScore& line : score.indicators()) {
      TTHC_CHECK(line.points() >= 0 && line.points() <= line.max_points() + 0.05 + 1e-6);
    }
  }
}

void Follow(const v1::Scheme& scheme) {
  for (const int64_t now : {-1, 0, 3}) {
    for (const int64_t before : {-1, 0, 4}) {
      for (const v1::Indicator& indicator : scheme.indicators()) {
        const v1::PlanResult result = domain::Compare(indicator, FactsOf(scheme, now).all, FactsOf(scheme, before).all);
        TTHC_CHECK(now >= 0 || (!result.has_met() && result.trend() == v1::PlanResult::TREND_UNSPECIFIED));
      }
    }
  }
}

void Try(const v1::Scheme& scheme) {
  const absl::Status checked = domain::CheckScheme("scheme", scheme);
  if (!checked.ok()) {
    TTHC_CHECK(ErrorReason(checked) == "FIELD_INVALID" && ErrorField(checked).rfind("scheme", 0) == 0);
    return;
  }
  if (scheme.kind() == v1::Scheme::KIND_PLAN) {
    Follow(scheme);
  } else {
    Score(scheme);
  }
  std::string text;
  TTHC_CHECK(google::protobuf::TextFormat::PrintToString(scheme, &text));
  const auto again = timing::ParseSchemeText(text);
  TTHC_CHECK(!again.ok() || domain::CheckScheme("scheme", *again).ok());
}

}  // namespace
}  // namespace tthc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto scheme = tthc::timing::ParseSchemeText(text); scheme.ok()) tthc::Try(*scheme);
  tthc::v1::Scheme scheme;
  if (scheme.ParseFromString(text)) tthc::Try(scheme);
  return 0;
}
