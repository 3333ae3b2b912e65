#pragma once

#include <string>

#include "client/terminal/messages.h"

// Masking of personal data in tables and CSV. JSON is the answer of the API and is not masked here. Pure; thread-safe.
// Masking protects against eyes at the screen and in lists that are passed on, not against the person who runs the
// program: access is decided by the server.
namespace tthc::terminal {

// How a value is masked: not at all; as a name, to its initials; as a number, to its last three digits; whole.
enum class Privacy { kNone, kName, kNumber, kHidden };

// `text` without what identifies a person; empty stays empty.
std::string Mask(Privacy privacy, const std::string& text);

// How events and dossiers are described in words.
struct DescribeOptions {
  Lang lang = Lang::kVi;
  // Personal data is not masked.
  bool reveal = false;
};

}  // namespace tthc::terminal
