#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/timing/calendar.h"
#include "tthc/v1/catalogue.pb.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// A city's work over two years, for statistics: 40 offices, 200 units, 400 officers, 150 procedures in 25 fields, lives
// of every kind. The same numbers always lead to the same dossiers.
namespace tthc::bench {

// The local days on which the first and the last dossier come in. Fixed, so that a store is the same whenever it is
// made.
inline constexpr absl::CivilDay kCityFirstDay(2024, 10, 1);
inline constexpr absl::CivilDay kCityLastDay(2026, 9, 30);
// The evening of the last day, which a server over such a store takes as the present.
absl::Time CityNow();

v1::ImportOfficesRequest CityOffices();
std::vector<v1::Procedure> CityProcedures();

// SplitMix64: cheap, and the same everywhere.
class CityRandom {
 public:
  explicit CityRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  // From the first to the last number, both included.
  int64_t Between(int64_t from, int64_t to) {
    return from + static_cast<int64_t>(Next() % static_cast<uint64_t>(to - from + 1));
  }
  bool Chance(int permille) { return Between(1, 1000) <= permille; }

 private:
  uint64_t state_;
};

// The life of one dossier, step by step. Which step comes next depends on the state of the dossier, as in an office.
class CityLife {
 public:
  // `days_left` of the period when the dossier comes in: of the last dossiers, more are still open at its end.
  CityLife(int64_t number, absl::Time open_time, int64_t days_left, const timing::Calendar* calendar);

  // The next event with occur_time and payload, as a clerk sends it, never before the last one; nullopt at the end.
  std::optional<v1::Event> Next(const v1::Dossier& dossier);

 private:
  // The time of the event whose payload was filled in; nullopt if there is none.
  using When = std::optional<absl::Time>;

  void FillRequest(v1::Request* request);
  When Open(v1::Event& event);
  When AfterSubmission(absl::Time last, v1::Event& event);
  When Resolve(const v1::Dossier& dossier, absl::Time last, v1::Event& event);
  When Forward(absl::Time last, const std::string& from_unit, v1::Event& event);
  When Wait(absl::Time last, v1::Event& event);
  When Apologise(const v1::Dossier& dossier, absl::Time last, v1::Event& event);
  When Finish(const v1::Dossier& dossier, absl::Time last, v1::Event& event);
  When AfterEnd(const v1::Dossier& dossier, absl::Time last, v1::Event& event);
  When Petition(const v1::Dossier& dossier, absl::Time last, v1::Event& event);
  // The time that is so many working minutes after `time`; nullopt behind the end of the calendar.
  When After(absl::Time time, int64_t minutes_min, int64_t minutes_max);
  std::string UnitOf(int64_t kind) const;
  std::string OfficerOf(int64_t place) const;
  // Returns the flag and clears it.
  static bool Take(bool& flag) { return std::exchange(flag, false); }

  const timing::Calendar& calendar_;
  CityRandom random_;
  const int64_t number_;
  const absl::Time open_time_;
  int64_t office_ = 0;
  int64_t procedure_ = 0;
  v1::Channel channel_ = v1::CHANNEL_COUNTER;
  bool submits_;
  bool is_refused_at_intake_;
  bool stays_open_;
  bool is_late_;
  bool apologises_;
  bool withdraws_;
  bool needs_supplement_;
  bool needs_supplement_again_;
  bool must_pay_;
  bool is_paused_;
  bool pays_fee_;
  bool goes_to_leaders_;
  bool is_returned_;
  bool rates_result_;
  bool rates_reception_;
  bool complains_;
};

}  // namespace tthc::bench
