#include "client/sync/problems.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "storage/base/errors.h"

namespace tthc::sync {
namespace {

using google::protobuf::FieldDescriptor;

// Turns the parser's errors into problems. Its lines count from 0.
class Collector : public google::protobuf::io::ErrorCollector {
 public:
  Collector(const std::string& file, Problems* problems) : file_(file), problems_(problems) {}

  void AddError(int line, int, const std::string& message) override {
    problems_->Add({.file = file_, .line = line + 1, .message = message, .message_vi = "không đọc được: " + message});
  }
  // The parser reports unknown fields as warnings and continues after them.
  void AddWarning(int line, int column, const std::string& message) override { AddError(line, column, message); }

 private:
  const std::string& file_;
  Problems* problems_;
};

}  // namespace

// By file and line, as a person goes through the file. Problems of the file as a whole come first.
std::string Problems::Describe(absl::string_view locale) const {
  std::vector<const Problem*> sorted;
  for (const Problem& problem : list_) sorted.push_back(&problem);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem* a, const Problem* b) {
    return std::tie(a->file, a->line) < std::tie(b->file, b->line);
  });
  std::string text;
  for (const Problem* const problem : sorted) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", problem->file, ":");
    if (problem->line > 0) absl::StrAppend(&text, problem->line, ":");
    absl::StrAppend(&text, " ", problem->field, problem->field.empty() ? "" : ": ",
                    locale == "vi" ? problem->message_vi : problem->message);
  }
  return text;
}

absl::Status Problems::ToStatus() const {
  if (list_.empty()) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "FIELD_INVALID",
                    .message = Describe("en"),
                    .message_vi = Describe("vi"),
                    .field = list_.front().field});
}

std::string Spot::PathOf(absl::string_view field, int index) const {
  std::string path = absl::StrCat(prefix_, field);
  if (index >= 0) absl::StrAppend(&path, "[", index, "]");
  return path;
}

void Spot::Add(absl::string_view field, int index, absl::string_view message, absl::string_view message_vi) const {
  // The field's own line if it is in the file, else that of the message that lacks it.
  int line = line_;
  const FieldDescriptor* const descriptor = message_.GetDescriptor()->FindFieldByName(std::string(field));
  if (tree_ != nullptr && descriptor != nullptr && (!descriptor->is_repeated() || index >= 0)) {
    const auto location = tree_->GetLocation(descriptor, index);
    if (location.line >= 0) line = location.line + 1;
  }
  problems_->Add({.file = file_,
                  .line = line,
                  .field = PathOf(field, index),
                  .message = std::string(message),
                  .message_vi = std::string(message_vi)});
}

Spot Spot::Inside(absl::string_view field, int index, const google::protobuf::Message& message) const {
  const FieldDescriptor* const descriptor = message_.GetDescriptor()->FindFieldByName(std::string(field));
  const bool known = tree_ != nullptr && descriptor != nullptr;
  Spot inside(file_, message, known ? tree_->GetTreeForNested(descriptor, index) : nullptr, problems_);
  inside.prefix_ = absl::StrCat(PathOf(field, index), ".");
  inside.line_ = line_;
  if (known) {
    const auto location = tree_->GetLocation(descriptor, index);
    if (location.line >= 0) inside.line_ = location.line + 1;
  }
  return inside;
}

bool ParseText(const std::string& file, const std::string& text, google::protobuf::Message* message, Spot::Tree* tree,
               Problems* problems) {
  Collector collector(file, problems);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  // With this, an unknown field is a warning and the rest is still checked.
  parser.AllowUnknownField(true);
  parser.WriteLocationsTo(tree);
  return parser.ParseFromString(text, message);
}

}  // namespace tthc::sync
