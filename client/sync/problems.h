#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

// Collects what is wrong in a configuration or profile: all problems at once, each with its line and in both languages.
//
// Vocabulary:
//   problem  one thing that a person has to mend, with the place where it is
//   spot     a message of a parsed file together with its position, from which problems of its fields are added
//   tree     positions of the fields, as protobuf's parser recorded them
//
// Checks go on after a problem and only add more. Not thread-safe.
namespace tthc::sync {

// `message` and `message_vi` say the same; they have no line end and do not repeat the field.
struct Problem {
  std::string file = {};
  // From 1; 0 = the file as a whole.
  int line = 0;
  // Such as "targets[0].base_url"; empty if the problem is about no field.
  std::string field = {};
  std::string message = {};
  std::string message_vi = {};
};

// In the order in which they were added; Describe() sorts them by file and line.
class Problems {
 public:
  void Add(Problem problem) { list_.push_back(std::move(problem)); }
  const std::vector<Problem>& list() const { return list_; }
  bool empty() const { return list_.empty(); }
  // One line per problem, in "vi" or "en": "tthc-sync.textproto:12: targets[0].base_url: …".
  std::string Describe(absl::string_view locale) const;
  // OK without problems; else INVALID_ARGUMENT FIELD_INVALID at the field of the first, with all of them in the
  // message.
  absl::Status ToStatus() const;

 private:
  std::vector<Problem> list_;
};

// A message of a parsed file and its position in it, to add problems of its fields. What it points to outlives it.
class Spot {
 public:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;
  Spot(const std::string& file, const google::protobuf::Message& message, const Tree* tree, Problems* problems)
      : file_(file), message_(message), tree_(tree), problems_(problems) {}

  // Adds a problem of one of its fields. `index` is that of the element if the field is repeated, else -1.
  void Add(absl::string_view field, int index, absl::string_view message, absl::string_view message_vi) const;
  void Add(absl::string_view field, absl::string_view message, absl::string_view message_vi) const {
    Add(field, -1, message, message_vi);
  }
  // The spot of a message in this one.
  Spot Inside(absl::string_view field, int index, const google::protobuf::Message& message) const;

 private:
  std::string PathOf(absl::string_view field, int index) const;

  std::string file_;
  const google::protobuf::Message& message_;
  // nullptr if the message is not in the file.
  const Tree* tree_;
  Problems* problems_;
  // "targets[0].", or empty.
  std::string prefix_;
  // Line where the message begins, for problems of fields that are not in the file.
  int line_ = 0;
};

// Parses protobuf's text format into `message` and the positions of its fields into `tree`. Adds syntax errors and
// unknown fields to `problems`. False if the message can't be checked any further.
bool ParseText(const std::string& file, const std::string& text, google::protobuf::Message* message, Spot::Tree* tree,
               Problems* problems);

}  // namespace tthc::sync
