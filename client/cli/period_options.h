#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "tthc/v1/statistics.pb.h"

namespace tthc::cli {

// The period and the moment that all commands of statistics ask about, as typed.
class PeriodOptions {
 public:
  struct Choices {
    // Which years and quarters a name means without --scheme.
    v1::Period::Scheme scheme = v1::Period::REPORTING;
    // Without one the running quarter is meant, unless the period has to be named.
    bool required = false;
    bool with_as_of = true;
  };

  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const Session& session, const Choices& choices);

  // --period, or --from up to the end of --to (today if it is left out). Usage errors for what is no period; the
  // running quarter, and "this-month" and the like, by the client's clock.
  absl::StatusOr<v1::Period> Build(const Session& session) const;
  // Unset members = now. A day alone means its end, or now if it is today.
  absl::StatusOr<v1::AsOf> BuildAsOf(const Session& session) const;

  // Sets both in a request that has `period` and `as_of`.
  template <typename Request>
  absl::Status Fill(const Session& session, Request& request) const {
    absl::StatusOr<v1::Period> period = Build(session);
    if (!period.ok()) return period.status();
    *request.mutable_period() = *std::move(period);
    absl::StatusOr<v1::AsOf> as_of = BuildAsOf(session);
    if (!as_of.ok()) return as_of.status();
    if (as_of->revision() != 0 || as_of->has_time()) *request.mutable_as_of() = *std::move(as_of);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<v1::Period> FromDates(const Session& session) const;

  Choices choices_;
  std::string preset_;
  std::string scheme_;
  std::string from_;
  std::string to_;
  std::string as_of_;
};

// "this-quarter", "last-month" and the like, in English and Vietnamese: for completion.
std::vector<std::string> RelativePeriods();

// "47/2026": ISO 8601, a week belongs to the year that its Thursday lies in.
std::string IsoWeek(absl::Time time);

// "15/09/2026 – 14/12/2026", both days inclusive; times too where it does not begin or end at midnight.
std::string FormatPeriod(const v1::Period& period);
// What figures stand on, in one line: period, moment, and the revision as --as-of takes it.
std::string FormatBasis(const v1::StatisticsBasis& basis, Lang lang);

}  // namespace tthc::cli
