#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

// What is wrong in a file that people write: everything at once, each with its line. Not thread-safe.
namespace tthc::sync {

struct Problem {
  std::string file = {};
  // From 1; 0 = the file as a whole.
  int line = 0;
  // "targets[0].base_url"; empty if it is not about one.
  std::string field = {};
  std::string message = {};
  std::string message_vi = {};
};

class Problems {
 public:
  void Add(Problem problem) { list_.push_back(std::move(problem)); }
  const std::vector<Problem>& list() const { return list_; }
  bool empty() const { return list_.empty(); }
  // A line for each, in "vi" or "en": "tthc-sync.textproto:12: targets[0].base_url: …".
  std::string Describe(absl::string_view locale) const;
  // OK if there are none; else INVALID_ARGUMENT FIELD_INVALID at the first one's field, with all in the message.
  absl::Status ToStatus() const;

 private:
  std::vector<Problem> list_;
};

// One message of a parsed file, and where it stands. What it points to outlives it.
class Spot {
 public:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;
  Spot(const std::string& file, const google::protobuf::Message& message, const Tree* tree, Problems* problems)
      : file_(file), message_(message), tree_(tree), problems_(problems) {}

  // A problem of one of its fields; `index` of a repeated one, else -1.
  void Say(absl::string_view field, int index, absl::string_view message, absl::string_view message_vi) const;
  void Say(absl::string_view field, absl::string_view message, absl::string_view message_vi) const {
    Say(field, -1, message, message_vi);
  }
  Spot Inside(absl::string_view field, int index, const google::protobuf::Message& message) const;

 private:
  std::string PathOf(absl::string_view field, int index) const;

  std::string file_;
  const google::protobuf::Message& message_;
  // nullptr where the file says nothing.
  const Tree* tree_;
  Problems* problems_;
  // "targets[0].", or empty.
  std::string prefix_;
  // Of the message's own beginning, for fields that are not there.
  int line_ = 0;
};

// Fills `message` from protobuf's text format. What can't be read goes to `problems`; `tree` learns where everything
// stands. False if nothing further can be said about the message.
bool ParseText(const std::string& file, const std::string& text, google::protobuf::Message* message, Spot::Tree* tree,
               Problems* problems);

}  // namespace tthc::sync
