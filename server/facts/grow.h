#pragma once

#include <cstddef>
#include <vector>

namespace tthc::server {

// Resizes a long column that grows row by row: by a sixteenth when it is full, where doubling would leave up to half of
// it empty for years.
template <typename T>
void GrowTo(size_t size, std::vector<T>& column) {
  if (size > column.capacity()) column.reserve(size + size / 16);
  column.resize(size);
}

}  // namespace tthc::server
