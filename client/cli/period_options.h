#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/terminal/session.h"
#include "tthc/v1/statistics.pb.h"

// Periods of statistics on the command line, and in output.
//
// Vocabulary:
//   preset  a name of the API, such as "q3/2026"; people may write it in several ways.
//   scheme  whether years and quarters are those of reports (from 15 December) or of the calendar.
//   as of   which part of the history counts: what was recorded by a moment or a revision.
// Days are days of the office, UTC+7, whatever the zone of this machine. Names are resolved by server/timing, as the
// server resolves them. Not thread-safe: filled while the arguments are parsed, only read after that.
namespace tthc::cli {

// The options --period, --scheme, --from, --to and --as-of, which all commands of statistics share.
class PeriodOptions {
 public:
  // What differs between commands.
  struct Choices {
    // The years and quarters that a name refers to without --scheme.
    v1::Period::Scheme scheme = v1::Period::SCHEME_REPORTING;
    // Whether a period must be given. Otherwise the default is the running quarter.
    bool required = false;
    // Whether figures of the past can be asked for; not where they are to be fixed now.
    bool with_as_of = true;
  };

  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const terminal::Session& session, const Choices& choices);

  // The period: --period, or --from up to the end of --to, which is today by default. The running quarter and words
  // such as "this-month" depend on the clock of this machine. Usage errors for texts that are no period.
  absl::StatusOr<v1::Period> Build(const terminal::Session& session) const;
  // The value of --as-of; empty for the present. A day alone means its end, or the present if it is today.
  absl::StatusOr<v1::AsOf> BuildAsOf(const terminal::Session& session) const;

  // Sets both in a request that has `period` and `as_of`.
  template <typename Request>
  absl::Status Fill(const terminal::Session& session, Request& request) const {
    absl::StatusOr<v1::Period> period = Build(session);
    if (!period.ok()) return period.status();
    *request.mutable_period() = *std::move(period);
    absl::StatusOr<v1::AsOf> as_of = BuildAsOf(session);
    if (!as_of.ok()) return as_of.status();
    if (as_of->revision() != 0 || as_of->has_time()) *request.mutable_as_of() = *std::move(as_of);
    return absl::OkStatus();
  }

 private:
  // From --from and --to. Usage error if the first is missing or the period is empty.
  absl::StatusOr<v1::Period> FromDates(const terminal::Session& session) const;

  Choices choices_;
  // As typed; read by Build, so that errors name the option.
  std::string preset_;
  std::string scheme_;
  std::string from_;
  std::string to_;
  std::string as_of_;
};

// "this-quarter", "last-month" and so on in English and Vietnamese, for completion.
std::vector<std::string> RelativePeriods();

// "47/2026": the ISO 8601 week of a time. A week belongs to the year of its Thursday.
std::string IsoWeek(absl::Time time);

// "15/09/2026 – 14/12/2026", both days inclusive; with times if it does not begin and end at midnight.
std::string FormatPeriod(const v1::Period& period);
// The basis of figures in one line: period, time, and the revision in the form that --as-of accepts.
std::string FormatBasis(const v1::StatisticsBasis& basis, terminal::Lang lang);

}  // namespace tthc::cli
