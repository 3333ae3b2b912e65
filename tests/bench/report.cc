#include "tests/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tthc::bench {
namespace {

// How many times better ours is, whether more or less is better.
std::optional<double> RatioTo(const Figure& figure, const std::vector<double>& other) {
  const size_t rounds = std::min(figure.ours.size(), other.size());
  std::vector<double> ratios;
  for (size_t i = 0; i < rounds; ++i) {
    ratios.push_back(figure.less_is_better ? other[i] / figure.ours[i] : figure.ours[i] / other[i]);
  }
  if (ratios.empty()) return std::nullopt;
  return Median(std::move(ratios));
}

std::string Number(double value) {
  if (value >= 100) {
    std::string digits = absl::StrCat(static_cast<int64_t>(std::llround(value)));
    for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
  }
  return absl::StrFormat(value >= 10 ? "%.1f" : "%.2f", value);
}

std::string Value(const Figure& figure, const std::vector<double>& values) {
  return values.empty() ? "" : absl::StrCat(Number(Median(values)), " ", figure.unit);
}

std::string Aim(const Figure& figure) {
  std::vector<std::string> parts;
  if (figure.limit.has_value()) {
    parts.push_back(absl::StrCat(figure.less_is_better ? "≤ " : "≥ ", Number(*figure.limit), " ", figure.unit));
  }
  if (figure.to_bare_min.has_value()) parts.push_back(absl::StrFormat("≥ %.2f × bare", *figure.to_bare_min));
  if (figure.to_postgres_min.has_value()) {
    parts.push_back(absl::StrFormat("≥ %.2g × PostgreSQL", *figure.to_postgres_min));
  }
  return absl::StrJoin(parts, ", ");
}

std::string Ratios(const Figure& figure) {
  std::vector<std::string> parts;
  if (const auto ratio = figure.RatioToBare()) parts.push_back(absl::StrFormat("%.2f × bare", *ratio));
  if (const auto ratio = figure.RatioToPostgres()) parts.push_back(absl::StrFormat("%.2f × PostgreSQL", *ratio));
  return absl::StrJoin(parts, ", ");
}

// Counts characters, not bytes; all of them are one column wide.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string Volume(int64_t dossiers) {
  return dossiers % 1'000'000 == 0 ? absl::StrCat(dossiers / 1'000'000, " M dossiers")
                                   : absl::StrCat(dossiers / 1000, ",000 dossiers");
}

std::optional<double> Figure::RatioToBare() const { return RatioTo(*this, bare); }
std::optional<double> Figure::RatioToPostgres() const { return RatioTo(*this, postgres); }

bool Figure::IsMet() const {
  if (ours.empty()) return false;
  if (limit.has_value() && (less_is_better ? Median(ours) > *limit : Median(ours) < *limit)) return false;
  if (to_bare_min.has_value() && RatioToBare().value_or(0) < *to_bare_min) return false;
  return !to_postgres_min.has_value() || RatioToPostgres().value_or(0) >= *to_postgres_min;
}

Figure& Table::At(const std::string& name, const std::string& unit) {
  const auto [at, is_new] = figures_.try_emplace(name);
  if (is_new) {
    order_.push_back(name);
    at->second.name = name;
    at->second.unit = unit;
  }
  return at->second;
}

Figure& Table::Cost(const std::string& name, const std::string& unit, double limit) {
  Figure& figure = At(name, unit);
  figure.less_is_better = true;
  if (limit > 0) figure.limit = limit;
  return figure;
}

void Table::Print() const {
  std::vector<std::vector<std::string>> rows = {
      {"figure", "ours", "bare", "PostgreSQL", "ratio (more is better)", "aim", "met"}};
  for (const std::string& name : order_) {
    const Figure& figure = figures_.at(name);
    rows.push_back({figure.name, Value(figure, figure.ours), Value(figure, figure.bare), Value(figure, figure.postgres),
                    Ratios(figure), Aim(figure),
                    !figure.HasAim() ? "–"
                    : figure.IsMet() ? "met"
                                     : "NOT MET"});
  }
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line = "|";
    std::string rule = "|";
    for (size_t i = 0; i < rows[r].size(); ++i) {
      absl::StrAppend(&line, " ", rows[r][i], std::string(widths[i] - Width(rows[r][i]), ' '), " |");
      absl::StrAppend(&rule, std::string(widths[i] + 2, '-'), "|");
    }
    std::printf("%s\n", line.c_str());
    if (r == 0) std::printf("%s\n", rule.c_str());
  }
}

}  // namespace tthc::bench
