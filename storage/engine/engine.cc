#include "storage/engine/engine.h"

namespace tthc::storage {

size_t Batch::bytes() const {
  size_t bytes = 0;
  for (const Write& write : writes_) bytes += write.key.size() + (write.value.has_value() ? write.value->size() : 0);
  return bytes;
}

}  // namespace tthc::storage
