#pragma once

#include <zlib.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

// What is inside a spreadsheet file: its parts by their names, such as "xl/worksheets/sheet1.xml".
namespace tthc::testing {

namespace internal {

inline uint32_t LittleEndian(absl::string_view bytes, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = 0; i < size && at + i < bytes.size(); ++i) {
    number |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

inline std::string Inflate(absl::string_view packed, size_t size) {
  std::string out(size, '\0');
  z_stream stream = {};
  // Without zlib's own head: as zip has it.
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return "";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "";
}

}  // namespace internal

// By the central directory at the end of the zip file; empty if it is none.
inline std::map<std::string, std::string> PartsOfXlsx(absl::string_view bytes) {
  using internal::LittleEndian;
  std::map<std::string, std::string> parts;
  const size_t end = bytes.rfind("PK\x05\x06");
  if (end == absl::string_view::npos) return parts;
  const uint32_t count = LittleEndian(bytes, end + 10, 2);
  size_t at = LittleEndian(bytes, end + 16, 4);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t method = LittleEndian(bytes, at + 10, 2);
    const uint32_t packed = LittleEndian(bytes, at + 20, 4);
    const uint32_t size = LittleEndian(bytes, at + 24, 4);
    const uint32_t name = LittleEndian(bytes, at + 28, 2);
    const size_t local = LittleEndian(bytes, at + 42, 4);
    const size_t data = local + 30 + LittleEndian(bytes, local + 26, 2) + LittleEndian(bytes, local + 28, 2);
    const absl::string_view content = bytes.substr(data, packed);
    parts[std::string(bytes.substr(at + 46, name))] =
        method == 0 ? std::string(content) : internal::Inflate(content, size);
    at += 46 + name + LittleEndian(bytes, at + 30, 2) + LittleEndian(bytes, at + 32, 2);
  }
  return parts;
}

}  // namespace tthc::testing
