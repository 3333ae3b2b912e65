#include "server/statistics/closing_form.h"

#include <openssl/evp.h>

#include <array>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "storage/base/check.h"

namespace tthc::server {
namespace {

std::string Sha256(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  TTHC_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr) == 1);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), size));
}

// Version 1: the protobuf serialization in the order of field numbers. Names to show are left out, since the catalogue
// may change them later; the report has no maps and no unknown fields, so the bytes follow from its values alone.
std::string FormV1(v1::Report06a report) {
  report.clear_office_display_name();
  for (v1::Report06aRow& row : *report.mutable_rows()) row.clear_display_name();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    report.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ClosingDigest(int32_t form_version, const v1::Report06a& report) {
  switch (form_version) {
    case 0:
    case 1:
      return Sha256(FormV1(report));
    default:
      return absl::InvalidArgumentError(absl::StrCat("there is no form ", form_version, " of closings here"));
  }
}

}  // namespace tthc::server
