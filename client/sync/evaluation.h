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

// The national portal's public figures about progress (Decision 766/QĐ-TTg), and the same figures of our dossiers, for
// people who compare the two (`tthc-sync figures`).
//
// A figure that is missing has no value, which is not 0. The form of the portal's answer is not published: it is read
// loosely where it may vary, and refused as a whole where it has no figures, so that a changed interface is an error
// and not a row of zeros.
//
// Functions are pure but for FetchEvaluation and OurFigures, which block for a call. Thread-safe.
namespace tthc::sync {

// Figures of one department in the portal's tree, or of our dossiers.
struct ProgressFigures {
  // Id and name of the department at the portal; empty if the answer has none.
  std::string id;
  std::string name;
  // Depth in the tree, from 0.
  int depth = 0;
  // Numbers of dossiers. `on_time` includes open ones whose time is not over yet.
  std::optional<double> received;
  std::optional<double> on_time;
  std::optional<double> overdue;
  std::optional<double> completed;
  // Mean over the dossiers finished in the period, in days of eight hours.
  std::optional<double> mean_working_days;
};

// A calendar month, quarter or year, in Vietnam's time.
struct EvaluationPeriod {
  enum class Kind { kMonth, kQuarter, kYear };
  Kind kind = Kind::kMonth;
  int year = 0;
  // Number of the month or quarter, from 1; unused for a year.
  int number = 0;

  absl::CivilDay first_day() const;
  // The day after the last.
  absl::CivilDay end_day() const;
};
// "2026-10", "2026-Q3" or "2026". INVALID_ARGUMENT FIELD_INVALID at "--period".
absl::StatusOr<EvaluationPeriod> ParseEvaluationPeriod(absl::string_view text);

// Whose figures are asked for, and where.
struct EvaluationSource {
  // https://dichvucong.gov.vn
  std::string base_url;
  // rootDepartmentId of the portal.
  std::string department_id;
};

// The request for the tree of a period. It needs no login.
HttpRequest MakeEvaluationRequest(const EvaluationSource& source, const EvaluationPeriod& period);
// All departments of an answer, parents before their children. UNAVAILABLE EVALUATION_UNREADABLE if it has another
// form.
absl::StatusOr<std::vector<ProgressFigures>> ReadEvaluation(absl::string_view body);

// Sends the request and reads the answer. UNAVAILABLE EVALUATION_UNREACHABLE (no answer, or an error; metadata
// http_status), EVALUATION_UNREADABLE.
absl::StatusOr<std::vector<ProgressFigures>> FetchEvaluation(Http& http, const EvaluationSource& source,
                                                             const EvaluationPeriod& period);
// The department with the id, else the root of the tree; nullptr if there is none.
const ProgressFigures* FindDepartment(const std::vector<ProgressFigures>& figures, const std::string& department_id);

// The same figures of our dossiers: those accepted in the period, evaluated now by Decision 766. The mean time is that
// of the dossiers finished in the period. `office` is offices/{office}, or empty for all. Reads them page by page.
absl::StatusOr<ProgressFigures> OurFigures(sdk::Client& client, const EvaluationPeriod& period,
                                           const std::string& office);

}  // namespace tthc::sync
