#include "tests/bench/city_postgres.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/domain/fact.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::bench {
namespace {

constexpr size_t kSendBytes = 1024 * 1024;

constexpr char kTable[] = R"(
SET client_min_messages = warning;
DROP TABLE IF EXISTS city;
CREATE UNLOGGED TABLE city (
  number bigint NOT NULL,
  accept_time timestamptz,
  due_time timestamptz,
  -- From which day on it is overdue as it stands; null while a wait holds the clock, and once it has ended.
  overdue_from timestamptz,
  end_time timestamptz,
  return_time timestamptz,
  procedure integer NOT NULL,
  officer integer NOT NULL,
  handling_minutes integer,
  field smallint NOT NULL,
  office smallint NOT NULL,
  unit smallint NOT NULL,
  channel smallint NOT NULL,
  state smallint NOT NULL,
  result smallint NOT NULL,
  -- Once ended: 1 early, 2 on time, 3 late.
  verdict_06a smallint NOT NULL,
  verdict_766 smallint NOT NULL,
  supplement_count smallint NOT NULL,
  code text NOT NULL,
  applicant text NOT NULL,
  identity_number text NOT NULL,
  phone_number text NOT NULL,
  -- The remaining data of a dossier: as much as ours, as in schema.sql.
  folded bytea NOT NULL
))";

constexpr char kIndexes[] = R"(
ALTER TABLE city ADD PRIMARY KEY (number);
CREATE INDEX ON city (office, accept_time);
CREATE INDEX ON city (accept_time);
CREATE INDEX ON city (end_time);
CREATE INDEX ON city (due_time) WHERE end_time IS NULL AND accept_time IS NOT NULL)";

std::string Moment(int64_t second) {
  if (second == 0) return "\\N";
  const absl::CivilSecond local = absl::ToCivilSecond(absl::FromUnixSeconds(second), LocalTimeZone());
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d+07", local.year(), local.month(), local.day(), local.hour(),
                         local.minute(), local.second());
}

// The day after the due day, unless a wait holds the clock or the dossier has ended.
int64_t OverdueFrom(const storage::v1::Fact& fact) {
  if (fact.overdue_time() == 0 || fact.end_time() != 0) return 0;
  return absl::ToUnixSeconds(LocalMidnight(LocalDayNumber(absl::FromUnixSeconds(fact.due_time())) + 1));
}

}  // namespace

std::string SqlTime(absl::Time time) { return absl::StrCat("timestamptz '", FormatRfc3339(time), "'"); }

absl::StatusOr<CityPostgres> CityPostgres::Create(std::string conninfo) {
  TTHC_ASSIGN_OR_RETURN(Connection connection, Connect(conninfo));
  TTHC_RETURN_IF_ERROR(Execute(connection.get(), kTable));
  const Result copy(PQexec(connection.get(), "COPY city FROM STDIN"));
  if (PQresultStatus(copy.get()) != PGRES_COPY_IN) return ErrorOf(connection.get());
  return CityPostgres(std::move(conninfo), std::move(connection));
}

absl::Status CityPostgres::Add(int64_t number, const storage::v1::DossierRecord& record) {
  const storage::v1::Fact& fact = record.fact();
  const v1::Dossier& dossier = record.dossier();
  const v1::Applicant& applicant = dossier.request().applicant();
  absl::StrAppend(&rows_, number, "\t", Moment(fact.accept_time()), "\t", Moment(fact.due_time()), "\t",
                  Moment(OverdueFrom(fact)), "\t", Moment(fact.end_time()), "\t", Moment(fact.return_time()), "\t");
  absl::StrAppend(&rows_, fact.procedure(), "\t", fact.officer(), "\t",
                  fact.end_time() == 0 ? "\\N" : absl::StrCat(fact.handling_minutes()), "\t", fact.field(), "\t",
                  fact.office(), "\t", fact.unit(), "\t", fact.channel(), "\t", fact.state(), "\t",
                  static_cast<int>(domain::OutcomeOf(fact)), "\t", fact.verdicts() >> domain::kShift06a & 3, "\t",
                  fact.verdicts() >> domain::kShift766 & 3, "\t", dossier.supplement_count(), "\t");
  absl::StrAppend(&rows_, dossier.code().empty() ? dossier.aliases(0) : dossier.code(), "\t", applicant.display_name(),
                  "\t", applicant.identity_number(), "\t", applicant.phone_number(), "\t\\\\x",
                  absl::BytesToHexString(dossier.SerializeAsString()), "\n");
  return rows_.size() < kSendBytes ? absl::OkStatus() : Send();
}

absl::Status CityPostgres::Send() {
  if (PQputCopyData(connection_.get(), rows_.data(), static_cast<int>(rows_.size())) != 1) {
    return ErrorOf(connection_.get());
  }
  rows_.clear();
  return absl::OkStatus();
}

absl::Status CityPostgres::Finish() {
  TTHC_RETURN_IF_ERROR(Send());
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return ErrorOf(connection_.get());
  while (true) {
    const Result result(PQgetResult(connection_.get()));
    if (result == nullptr) break;
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return ErrorOf(connection_.get());
  }
  TTHC_RETURN_IF_ERROR(Execute(connection_.get(), kIndexes));
  return Execute(connection_.get(), "VACUUM ANALYZE city");
}

absl::StatusOr<LoadResult> CityPostgres::Run(const std::string& sql, absl::Duration duration) const {
  TTHC_ASSIGN_OR_RETURN(Clients clients, Clients::Open(conninfo_, sql, 1));
  return clients.Run([](size_t) { return Parameters(); }, duration);
}

absl::StatusOr<std::vector<int64_t>> CityPostgres::Sums(const std::string& sql) const {
  const Result result(PQexec(connection_.get(), sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(connection_.get());
  std::vector<int64_t> sums;
  for (int column = 1; column < PQnfields(result.get()); ++column) {
    int64_t& sum = sums.emplace_back();
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      sum += std::strtoll(PQgetvalue(result.get(), row, column), nullptr, 10);
    }
  }
  return sums;
}

}  // namespace tthc::bench
