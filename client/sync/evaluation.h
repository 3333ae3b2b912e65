#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "client/sdk/client.h"
#include "client/sync/http.h"

// The national portal's public figures about progress (Decision 766/QĐ-TTg), laid beside ours. What is not said is no
// value, which is not 0.
namespace tthc::sync {

// One place in the tree of departments, or our own side of it.
struct ProgressFigures {
  // Of the department at the portal; empty if it does not say.
  std::string id;
  std::string name;
  // In the tree of departments, from 0.
  int depth = 0;
  std::optional<double> received;
  std::optional<double> on_time;
  std::optional<double> overdue;
  std::optional<double> completed;
  // Of those finished in the period, days of eight hours.
  std::optional<double> mean_working_days;
};

struct EvaluationPeriod {
  enum class Kind { kMonth, kQuarter, kYear };
  Kind kind = Kind::kMonth;
  int year = 0;
  // Of the month or quarter, from 1; unused for a year.
  int number = 0;

  absl::CivilDay first_day() const;
  // The one behind the last.
  absl::CivilDay end_day() const;
};
// "2026-10", "2026-Q3" or "2026". INVALID_ARGUMENT FIELD_INVALID at "--period".
absl::StatusOr<EvaluationPeriod> ParseEvaluationPeriod(absl::string_view text);

struct EvaluationSource {
  // https://dichvucong.gov.vn
  std::string base_url;
  // rootDepartmentId of the portal.
  std::string department_id;
};

// The request that asks for the tree of a period; no login.
HttpRequest MakeEvaluationRequest(const EvaluationSource& source, const EvaluationPeriod& period);
// Every department of an answer, parents before their children. UNAVAILABLE EVALUATION_UNREADABLE if it is none.
absl::StatusOr<std::vector<ProgressFigures>> ReadEvaluation(absl::string_view body);

// Asks for them. UNAVAILABLE EVALUATION_UNREACHABLE (no answer, or an error; metadata http_status),
// EVALUATION_UNREADABLE.
absl::StatusOr<std::vector<ProgressFigures>> FetchEvaluation(Http& http, const EvaluationSource& source,
                                                             const EvaluationPeriod& period);
// The department that was asked about: the one with its id, else the first of the tree; nullptr if there is none.
const ProgressFigures* FindDepartment(const std::vector<ProgressFigures>& figures, const std::string& department_id);

// The same of our dossiers: those accepted in the period, judged now by Decision 766; their mean time by when they were
// finished. `office` is offices/{office} or empty for all. Reads them page by page.
absl::StatusOr<ProgressFigures> OurFigures(sdk::Client& client, const EvaluationPeriod& period,
                                           const std::string& office);

}  // namespace tthc::sync
