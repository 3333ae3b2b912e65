#pragma once

#include <string>

// Digests of what is sent and of how it is rendered. Pure; thread-safe.
namespace tthc::sync {

// SHA-256 of `bytes`, 32 bytes. Equal digests mean equal contents: the server compares them to decide whether a record
// has to be sent again, and whether a profile has changed.
std::string Sha256(const std::string& bytes);

}  // namespace tthc::sync
