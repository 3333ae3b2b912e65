#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "storage/base/check.h"

// Certificates that live as long as a test.
namespace tthc::portal_sim::testing {

struct Certificate {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> x509{nullptr, X509_free};
};

// For 127.0.0.1 and "localhost", signed by `issuer`, or by itself as an authority.
inline Certificate MakeCertificate(const std::string& name, const Certificate* issuer) {
  Certificate made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.x509.reset(X509_new());
  X509* const x509 = made.x509.get();
  X509_set_version(x509, 2);
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, made.key.get());
  const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, text, -1, -1, 0);
  const Certificate& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(x509, X509_get_subject_name(signer.x509.get()));
  const auto extend = [x509](int kind, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    TTHC_CHECK(extension != nullptr);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  TTHC_CHECK(X509_sign(x509, signer.key.get(), EVP_sha256()) > 0);
  return made;
}

inline void WriteCertificate(const Certificate& certificate, const std::string& path) {
  FILE* const file = std::fopen(path.c_str(), "w");
  TTHC_CHECK(file != nullptr && PEM_write_X509(file, certificate.x509.get()) == 1);
  std::fclose(file);
}

inline void WriteKey(const Certificate& certificate, const std::string& path) {
  FILE* const file = std::fopen(path.c_str(), "w");
  TTHC_CHECK(file != nullptr);
  TTHC_CHECK(PEM_write_PrivateKey(file, certificate.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
}

}  // namespace tthc::portal_sim::testing
