#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

// Numbers for the names that facts refer to: procedures, fields, offices, units, officers, reasons for lateness.
//
// A fact holds numbers, which are small in a column and quick to compare. A name gets its number from the commit that
// first refers to it; it is stored (key 'i') and never changes, so that facts on disk and snapshots stay readable.
// There are as many numbers as names: none is skipped and none is taken back. Number 0 is "", the absence of a name.
//
// Not thread-safe: the pipeline has one of its own, FactIndex guards the one that readers see.
namespace tthc::server {

class NameTable {
 public:
  NameTable() : names_(1) {}

  // 0 if the name has no number.
  uint32_t Find(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? 0 : found->second;
  }
  // The number that the next new name gets.
  uint32_t next_number() const { return static_cast<uint32_t>(names_.size()); }
  // `number` must be next_number(): names are added in the order of their numbers.
  void Add(uint32_t number, const std::string& name) {
    names_.resize(number + 1);
    names_[number] = name;
    numbers_[name] = number;
  }
  // "" for a number that no name has.
  const std::string& NameOf(uint32_t number) const { return names_[number < names_.size() ? number : 0]; }
  // Numbers given, the one of "" included.
  size_t size() const { return names_.size(); }

 private:
  // By number, and back.
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

}  // namespace tthc::server
