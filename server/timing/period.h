#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tthc/v1/statistics.pb.h"

// Periods of statistics (kỳ báo cáo): whole civil days at Asia/Ho_Chi_Minh, whatever the client's zone. Pure;
// thread-safe.
//
// Schemes. CALENDAR: years from 1/1, half years from 1/1 and 1/7, quarters from 1/1, 1/4, 1/7, 1/10. REPORTING (Decree
// 09/2019/NĐ-CP): the year Y is 15/12/(Y-1)..14/12/Y, its halves begin on 15/12 and 15/6, its quarters on 15/12, 15/3,
// 15/6 and 15/9. Months, weeks (ISO 8601, from Monday) and days are the same in both.
namespace tthc::timing {

enum class PeriodKind { kFree, kDay, kWeek, kMonth, kQuarter, kHalfYear, kYear };

struct ResolvedPeriod {
  // REPORTING or CALENDAR.
  v1::Period::Scheme scheme = v1::Period::SCHEME_REPORTING;
  PeriodKind kind = PeriodKind::kFree;
  // In the shortest form, "today" by its date: "q3/2026", "d22/11/2026"; empty if kind is kFree.
  std::string preset = {};
  // Half-open [from, to).
  absl::Time from = {};
  absl::Time to = {};
};

// `now` is what "today" means. A name is read in upper or lower case, with blanks around it. A name and both times may
// stand together if they say the same, so that the period of an answer can be sent back. Times need not be midnights:
// they are taken as given, to the microsecond.
// INVALID_ARGUMENT PERIOD_INVALID at "period": neither name nor times; one time alone; reversed, empty, longer than
// limits::kPeriodDaysMax, or not within limits::kYearMin..kYearMax; a name that is none; a name and times that differ.
absl::StatusOr<ResolvedPeriod> ResolvePeriod(const v1::Period& period, absl::Time now);

// As answers say it: everything filled in.
v1::Period PeriodToProto(const ResolvedPeriod& period);

// The one before, which ends where `period` begins: of the same kind for a named one, else as long.
ResolvedPeriod PreviousPeriod(const ResolvedPeriod& period);

// The quarter that `now` lies in. UNSPECIFIED = REPORTING.
ResolvedPeriod RunningQuarter(v1::Period::Scheme scheme, absl::Time now);

// First moments of the days, weeks, months, quarters or years that make up [from, to), rising: the first is `from`,
// each lasts until the next, the last until `to`. Only quarters and years depend on the scheme. `group_by` must be one
// of GROUP_BY_DAY..GROUP_BY_YEAR, and from < to.
std::vector<absl::Time> BucketStarts(v1::GroupBy group_by, v1::Period::Scheme scheme, absl::Time from, absl::Time to);

}  // namespace tthc::timing
