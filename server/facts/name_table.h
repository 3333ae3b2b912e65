#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tthc::server {

// Numbers for the names that facts refer to (procedures, fields, offices, units, officers): small in a column, the same
// for ever. Number 0 is "". Not thread-safe.
class NameTable {
 public:
  NameTable() : names_(1) {}

  // 0 if the name has no number.
  uint32_t Find(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? 0 : found->second;
  }
  uint32_t next_number() const { return static_cast<uint32_t>(names_.size()); }
  // `number` must be next_number().
  void Add(uint32_t number, const std::string& name) {
    names_.resize(number + 1);
    names_[number] = name;
    numbers_[name] = number;
  }
  const std::string& NameOf(uint32_t number) const { return names_[number < names_.size() ? number : 0]; }
  size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

}  // namespace tthc::server
