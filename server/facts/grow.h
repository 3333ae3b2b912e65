#pragma once

#include <cstddef>
#include <vector>

// How the columns of facts grow. Not thread-safe.
namespace tthc::server {

// Resizes a long column that grows row by row: by a sixteenth when it is full. Doubling would leave
// up to half of a column empty for years, and there are some twenty columns.
template <typename T>
void GrowTo(size_t size, std::vector<T>& column) {
  if (size > column.capacity()) column.reserve(size + size / 16);
  column.resize(size);
}

}  // namespace tthc::server
