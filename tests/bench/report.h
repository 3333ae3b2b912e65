#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The one table that the benchmark prints.
namespace tthc::bench {

double Median(std::vector<double> values);

// "5 M dossiers"
std::string Volume(int64_t dossiers);

// One figure, with a value for each round; empty if it was not measured.
struct Figure {
  std::string name;
  std::string unit;
  std::vector<double> ours = {};
  std::vector<double> bare = {};
  std::vector<double> postgres = {};

  // All that are set must hold. With `less_is_better` ours has to be at most `limit`, else at least.
  bool less_is_better = false;
  std::optional<double> limit = {};
  // Ratios of ours to the other; each is the median of the ratios of the rounds.
  std::optional<double> to_bare_min = {};
  std::optional<double> to_postgres_min = {};

  std::optional<double> RatioToBare() const;
  std::optional<double> RatioToPostgres() const;
  bool HasAim() const { return limit.has_value() || to_bare_min.has_value() || to_postgres_min.has_value(); }
  bool IsMet() const;
};

// The figures of a run, in the order in which they were first used.
class Table {
 public:
  Figure& At(const std::string& name, const std::string& unit);
  Figure& Rate(const std::string& name) { return At(name, "/s"); }
  // Less is better; no limit if 0.
  Figure& Time(const std::string& name, double limit_ms) { return Cost(name, "ms", limit_ms); }
  Figure& Cost(const std::string& name, const std::string& unit, double limit);

  // Markdown for docs/performance.md.
  void Print() const;

 private:
  std::vector<std::string> order_;
  std::map<std::string, Figure> figures_;
};

}  // namespace tthc::bench
