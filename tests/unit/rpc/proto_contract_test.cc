// The conventions of the API, checked on the proto files themselves: every file of proto/tthc/v1 is read, so a new
// service, method or field is held to them from its first day. What deviates stands in a list with its reason.
// docs/api.md explains the conventions; AIP numbers name where they come from.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "tests/testing/proto_files.h"

namespace tthc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::SourceLocation;

const testing::ProtoFiles& Contract() {
  static const auto* const kContract = new testing::ProtoFiles(TTHC_CONTRACT_FILE);
  return *kContract;
}

// Names that deviate from a convention, with the reason.
using Exceptions = std::map<std::string, std::string>;

// Every exception must still be one, so that the list shrinks with the deviations.
void ExpectAllUsed(const Exceptions& exceptions, const std::set<std::string>& used) {
  for (const auto& [name, reason] : exceptions) {
    EXPECT_TRUE(used.contains(name)) << name << " deviates no more, or is gone: take it off the list";
  }
}

std::string UpperSnake(const std::string& camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    const bool begins_word = i > 0 && absl::ascii_isupper(static_cast<unsigned char>(camel[i])) &&
                             !absl::ascii_isupper(static_cast<unsigned char>(camel[i - 1]));
    if (begins_word) out += '_';
    out += absl::ascii_toupper(static_cast<unsigned char>(camel[i]));
  }
  return out;
}

bool Has(const Descriptor* type, const std::string& field, FieldDescriptor::Type kind) {
  const FieldDescriptor* found = type->FindFieldByName(field);
  return found != nullptr && found->type() == kind && !found->is_repeated();
}

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsResource(const Descriptor* type) { return type->options().HasExtension(google::api::resource); }

bool Refers(const FieldDescriptor* field) {
  if (!field->options().HasExtension(google::api::resource_reference)) return false;
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  return !reference.type().empty() || !reference.child_type().empty();
}

// Methods that change nothing, by the verb that they begin with.
bool Reads(const MethodDescriptor* method) {
  static const std::vector<std::string> kVerbs = {"Get",       "List",    "Lookup",  "BatchGet", "Query", "Compute",
                                                  "Summarize", "Preview", "Explain", "Watch",    "Check", "Verify"};
  for (const std::string& verb : kVerbs) {
    if (absl::StartsWith(method->name(), verb)) return true;
  }
  return false;
}

TEST(ProtoContract, SeesEveryServiceOfTheApi) {
  std::set<std::string> names;
  for (const auto* service : Contract().Services()) {
    EXPECT_TRUE(absl::EndsWith(service->name(), "Service")) << service->full_name();
    EXPECT_EQ(service->file()->package(), "tthc.v1") << service->full_name();
    names.insert(service->name());
  }
  for (const char* known : {"DossierService", "CatalogueService", "DueTimeService", "ChangeService", "ReportService",
                            "StatisticsService", "MirrorService"}) {
    EXPECT_TRUE(names.contains(known)) << known;
  }
  EXPECT_GE(Contract().Methods().size(), 57u);
}

TEST(ProtoContract, EveryRequestFieldDeclaresItsBehavior) {
  // AIP-203.
  const Exceptions exceptions = {
      {"tthc.v1.StreamAppendRequest.sequence", "a free number that the acknowledgment repeats"},
      {"tthc.v1.StreamAppendRequest.create", "a member of a oneof"},
      {"tthc.v1.StreamAppendRequest.append", "a member of a oneof"},
  };
  std::set<std::string> used;
  for (const MethodDescriptor* method : Contract().Methods()) {
    const Descriptor* request = method->input_type();
    for (int i = 0; i < request->field_count(); ++i) {
      const FieldDescriptor* field = request->field(i);
      if (field->options().ExtensionSize(google::api::field_behavior) > 0) continue;
      used.insert(field->full_name());
      EXPECT_TRUE(exceptions.contains(field->full_name())) << field->full_name();
    }
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, RequestsAreNamedAfterTheirOneMethod) {
  std::set<const Descriptor*> requests;
  for (const MethodDescriptor* method : Contract().Methods()) {
    EXPECT_EQ(method->input_type()->name(), method->name() + "Request");
    EXPECT_TRUE(requests.insert(method->input_type()).second)
        << method->full_name() << ": calls in the process find a method by the type of its request";
  }
}

TEST(ProtoContract, AnswersAreAResourceOrNamedAfterTheirMethod) {
  const Exceptions exceptions = {
      {"tthc.v1.DueTimeService.PreviewDueTime", "an explanation is a value of its own, which two methods give"},
      {"tthc.v1.DueTimeService.ExplainDueTime", "an explanation is a value of its own, which two methods give"},
      {"tthc.v1.ReportService.SummarizeTimeliness", "the summary is the document that is asked for"},
      {"tthc.v1.StatisticsService.ComputeReport06a", "the form is a value of its own, which closings hold too"},
  };
  std::set<std::string> used;
  for (const MethodDescriptor* method : Contract().Methods()) {
    const Descriptor* answer = method->output_type();
    if (answer->name() == method->name() + "Response" || IsResource(answer)) continue;
    used.insert(method->full_name());
    EXPECT_TRUE(exceptions.contains(method->full_name())) << method->full_name();
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, ListsComeInPages) {
  // AIP-158.
  const Exceptions exceptions = {
      {"tthc.v1.ChangeService.ListChanges", "goes on by revision, a cursor that clients keep"},
      {"tthc.v1.MirrorService.ListMirrorDeliveries", "goes on by the dossier's number, a cursor that clients keep"},
  };
  std::set<std::string> used;
  for (const MethodDescriptor* method : Contract().Methods()) {
    const Descriptor* request = method->input_type();
    const Descriptor* answer = method->output_type();
    const bool is_list = absl::StartsWith(method->name(), "List");
    EXPECT_EQ(is_list, request->FindFieldByName("page_size") != nullptr) << method->full_name();
    if (!is_list) continue;
    EXPECT_TRUE(Has(request, "page_size", FieldDescriptor::TYPE_INT32)) << method->full_name();
    if (exceptions.contains(method->full_name())) {
      used.insert(method->full_name());
      continue;
    }
    EXPECT_TRUE(Has(request, "page_token", FieldDescriptor::TYPE_STRING)) << request->full_name();
    EXPECT_TRUE(Has(answer, "next_page_token", FieldDescriptor::TYPE_STRING)) << answer->full_name();
    EXPECT_TRUE(Has(answer, "total_size", FieldDescriptor::TYPE_INT64)) << answer->full_name();
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, MutationsTakeARequestId) {
  // AIP-155.
  const Exceptions exceptions = {
      {"tthc.v1.DossierService.StreamAppend", "each command of the stream has its own"},
      {"tthc.v1.CatalogueService.RecomputeDueTimes", "a stream; dossiers that were moved already are skipped"},
      {"tthc.v1.ChangeService.CompactChanges", "idempotent by its argument: the oldest revision only rises"},
      {"tthc.v1.MirrorService.AcquireMirrorTarget", "a lease: each acquisition gets a fence of its own"},
      {"tthc.v1.MirrorService.RenewMirrorTarget", "idempotent by the fence"},
      {"tthc.v1.MirrorService.ReleaseMirrorTarget", "idempotent by the fence"},
      {"tthc.v1.MirrorService.RecordMirrorOutcomes", "idempotent by the fence and the revisions"},
  };
  std::set<std::string> used;
  for (const MethodDescriptor* method : Contract().Methods()) {
    const FieldDescriptor* id = method->input_type()->FindFieldByName("request_id");
    if (Reads(method)) {
      EXPECT_EQ(id, nullptr) << method->full_name() << " changes nothing";
      continue;
    }
    if (id == nullptr) {
      used.insert(method->full_name());
      EXPECT_TRUE(exceptions.contains(method->full_name())) << method->full_name() << " needs a request_id";
      continue;
    }
    EXPECT_EQ(id->type(), FieldDescriptor::TYPE_STRING) << id->full_name();
    EXPECT_TRUE(Behaves(id, google::api::OPTIONAL)) << id->full_name();
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, WritesOfDossiersAndOfTheCatalogueCanBeTried) {
  // AIP-163.
  const std::set<std::string> tried = {"CreateDossier", "AppendEvent",    "BatchAppendEvents", "UpdateProcedure",
                                       "ImportOffices", "CreateCalendar", "UpdateScheme",      "RecomputeDueTimes"};
  size_t found = 0;
  for (const MethodDescriptor* method : Contract().Methods()) {
    const bool has = method->input_type()->FindFieldByName("validate_only") != nullptr;
    EXPECT_EQ(has, tried.contains(method->name())) << method->full_name();
    if (!has) continue;
    ++found;
    EXPECT_TRUE(Has(method->input_type(), "validate_only", FieldDescriptor::TYPE_BOOL)) << method->full_name();
  }
  EXPECT_EQ(found, tried.size());
}

TEST(ProtoContract, UpdatesTakeAMaskAndCompareEtags) {
  // AIP-134, AIP-154.
  size_t updates = 0;
  for (const MethodDescriptor* method : Contract().Methods()) {
    if (!absl::StartsWith(method->name(), "Update")) continue;
    ++updates;
    const Descriptor* request = method->input_type();
    const FieldDescriptor* mask = request->FindFieldByName("update_mask");
    ASSERT_NE(mask, nullptr) << request->full_name();
    EXPECT_EQ(mask->message_type()->full_name(), google::protobuf::FieldMask::descriptor()->full_name());
    EXPECT_TRUE(Has(request, "allow_missing", FieldDescriptor::TYPE_BOOL)) << request->full_name();
    EXPECT_TRUE(Has(method->output_type(), "etag", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(IsResource(method->output_type())) << method->full_name();
  }
  EXPECT_EQ(updates, 2u);
}

TEST(ProtoContract, EnumsBeginWithUnspecifiedAndCarryTheirPrefix) {
  // AIP-126; JSON clients freeze the names of values.
  ASSERT_GT(Contract().Enums().size(), 20u);
  for (const EnumDescriptor* type : Contract().Enums()) {
    const std::string prefix = UpperSnake(type->name()) + "_";
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    EXPECT_EQ(type->value(0)->name(), prefix + "UNSPECIFIED") << type->full_name();
    for (int i = 0; i < type->value_count(); ++i) {
      EXPECT_TRUE(absl::StartsWith(type->value(i)->name(), prefix)) << type->value(i)->full_name();
    }
  }
}

TEST(ProtoContract, InstantsEndInTime) {
  // AIP-142.
  const Exceptions exceptions = {
      {"tthc.v1.AsOf.time", "the one instant of its message"},
      {"tthc.v1.Wait.due_time_before", "the due time before and after the wait"},
      {"tthc.v1.Wait.due_time_after", "the due time before and after the wait"},
      {"tthc.v1.DossierFilter.accept_time", "a range of instants"},
      {"tthc.v1.DossierFilter.finish_time", "a range of instants"},
      {"tthc.v1.DossierFilter.due_time", "a range of instants"},
      {"tthc.v1.MirrorProgress.lag_time", "a duration, and named so by those who watch queues"},
  };
  std::set<std::string> used;
  for (const FieldDescriptor* field : Contract().Fields()) {
    const bool is_instant =
        field->message_type() != nullptr &&
        field->message_type()->full_name() == google::protobuf::Timestamp::descriptor()->full_name();
    if (is_instant == absl::EndsWith(field->name(), "_time")) continue;
    used.insert(field->full_name());
    EXPECT_TRUE(exceptions.contains(field->full_name())) << field->full_name();
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, CivilDaysEndInDateAndAreTexts) {
  for (const FieldDescriptor* field : Contract().Fields()) {
    if (field->name() != "date" && !absl::EndsWith(field->name(), "_date")) continue;
    EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name();
    EXPECT_FALSE(field->is_repeated()) << field->full_name();
  }
}

TEST(ProtoContract, RangesAreNamedByStartAndEnd) {
  for (const FieldDescriptor* field : Contract().Fields()) {
    for (const char* word : {"from", "until", "valid_from", "valid_to", "begin", "till"}) {
      EXPECT_NE(field->name(), word) << field->full_name();
    }
    for (const char* ending : {"_from", "_to", "_until"}) {
      EXPECT_FALSE(absl::EndsWith(field->name(), ending)) << field->full_name();
    }
    const bool ends = field->name() == "end_date" || field->name() == "end_time";
    if (!ends) continue;
    const std::string start = absl::StrCat("start", field->name().substr(3));
    // An interval of which only the end is meant is named by what ends, such as finish_time.
    EXPECT_NE(field->containing_type()->FindFieldByName(start), nullptr) << field->full_name() << " without " << start;
  }
}

TEST(ProtoContract, IntegersEndInWhatTheyMeasure) {
  // AIP-140, AIP-141: counts end in _count, amounts of time and money in their unit.
  const std::vector<std::string> units = {"_count", "_minutes",  "_minute",  "_days",   "_months", "_years",
                                          "_vnd",   "_revision", "_version", "_number", "_bytes"};
  // Words that are such a name by themselves.
  const std::set<std::string> whole = {"revision", "version",  "number", "minutes",   "months",
                                       "years",    "sequence", "fence",  "page_size", "total_size"};
  const Exceptions exceptions = {
      {"tthc.v1.CountedDossier.days_late", "days; reads as it is said"},
      {"tthc.v1.LateDossier.days_late", "days; reads as it is said"},
      {"tthc.v1.CountedDossier.working_minutes_late", "minutes; reads as it is said"},
      {"tthc.v1.LateDossier.working_minutes_late", "minutes; reads as it is said"},
      {"tthc.v1.Timeliness.working_minutes_left", "minutes; reads as it is said"},
      {"tthc.v1.ListCountedDossiersRequest.waiting_days_min", "days; a bound"},
      {"tthc.v1.RetryMirrorItemsRequest.count_max", "a bound of a count"},
      {"tthc.v1.StatisticsValue.count", "the count itself"},
      {"tthc.v1.StatisticsValue.numerator", "the counts that a share is made of"},
      {"tthc.v1.StatisticsValue.denominator", "the counts that a share is made of"},
      {"tthc.v1.IndicatorScore.numerator", "the counts that a score is made of"},
      {"tthc.v1.IndicatorScore.denominator", "the counts that a score is made of"},
      {"tthc.v1.MirrorProgress.compaction_margin", "revisions; a distance"},
      {"tthc.v1.MirrorExchange.http_status", "a code and no measure"},
      {"tthc.v1.MirrorOutcome.confirmed_steps", "revisions of steps, a list"},
      {"tthc.v1.MirrorItem.confirmed_steps", "revisions of steps, a list"},
  };
  std::set<std::string> used;
  for (const FieldDescriptor* field : Contract().Fields()) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_INT32 && field->cpp_type() != FieldDescriptor::CPPTYPE_INT64) {
      continue;
    }
    bool fits = whole.contains(field->name());
    for (const std::string& unit : units) fits = fits || absl::EndsWith(field->name(), unit);
    if (fits) continue;
    used.insert(field->full_name());
    EXPECT_TRUE(exceptions.contains(field->full_name())) << field->full_name();
  }
  ExpectAllUsed(exceptions, used);
}

TEST(ProtoContract, ResourcesDeclareTheirTypeAndPattern) {
  // AIP-123.
  std::set<std::string> types;
  for (const Descriptor* message : Contract().Messages()) {
    if (!IsResource(message)) continue;
    const auto& resource = message->options().GetExtension(google::api::resource);
    EXPECT_EQ(resource.type(), "tthc.vn/" + message->name()) << message->full_name();
    EXPECT_TRUE(types.insert(resource.type()).second) << message->full_name();
    ASSERT_GT(resource.pattern_size(), 0) << message->full_name();
    EXPECT_TRUE(Has(message, "name", FieldDescriptor::TYPE_STRING)) << message->full_name();
    EXPECT_FALSE(resource.singular().empty()) << message->full_name();
    EXPECT_FALSE(resource.plural().empty()) << message->full_name();
  }
  // What methods get, create or update by name is a resource.
  for (const MethodDescriptor* method : Contract().Methods()) {
    const bool by_name = absl::StartsWith(method->name(), "Get") || absl::StartsWith(method->name(), "Update");
    EXPECT_TRUE(!by_name || IsResource(method->output_type())) << method->full_name();
  }
  EXPECT_GE(types.size(), 11u);
}

TEST(ProtoContract, NamesInRequestsReferToTheirResource) {
  // AIP-4231; types of references exist.
  std::set<std::string> types = {"*"};
  for (const Descriptor* message : Contract().Messages()) {
    if (IsResource(message)) types.insert(message->options().GetExtension(google::api::resource).type());
  }
  for (const FieldDescriptor* field : Contract().Fields()) {
    if (!field->options().HasExtension(google::api::resource_reference)) continue;
    const auto& reference = field->options().GetExtension(google::api::resource_reference);
    EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name();
    const std::string& type = reference.type().empty() ? reference.child_type() : reference.type();
    EXPECT_TRUE(types.contains(type)) << field->full_name() << " refers to " << type;
  }
  for (const MethodDescriptor* method : Contract().Methods()) {
    for (const char* name : {"name", "names", "parent"}) {
      const FieldDescriptor* field = method->input_type()->FindFieldByName(name);
      EXPECT_TRUE(field == nullptr || Refers(field)) << field->full_name();
    }
  }
}

TEST(ProtoContract, NoRestMapping) {
  // Connect and gRPC name methods; a second naming by paths would have to be kept forever.
  for (const FileDescriptor* file : Contract().files()) {
    for (int i = 0; i < file->dependency_count(); ++i) {
      const std::string& import = file->dependency(i)->name();
      EXPECT_FALSE(absl::StartsWith(import, "google/api/http") || absl::StartsWith(import, "google/api/annotations"))
          << file->name() << " imports " << import;
    }
  }
}

template <typename Descriptor>
bool IsCommented(const Descriptor* thing) {
  SourceLocation location;
  return thing->GetSourceLocation(&location) &&
         !absl::StripAsciiWhitespace(location.leading_comments + location.trailing_comments).empty();
}

TEST(ProtoContract, EverythingIsExplained) {
  // Pages fields are the same everywhere; docs/api.md explains them once.
  const std::set<std::string> explained_once = {"page_size", "page_token", "next_page_token", "total_size"};
  for (const auto* service : Contract().Services()) EXPECT_TRUE(IsCommented(service)) << service->full_name();
  for (const MethodDescriptor* method : Contract().Methods()) EXPECT_TRUE(IsCommented(method)) << method->full_name();
  for (const Descriptor* message : Contract().Messages()) {
    const bool is_wrapper = absl::EndsWith(message->name(), "Request") || absl::EndsWith(message->name(), "Response");
    EXPECT_TRUE(is_wrapper || IsCommented(message)) << message->full_name();
  }
  for (const FieldDescriptor* field : Contract().Fields()) {
    EXPECT_TRUE(explained_once.contains(field->name()) || IsCommented(field)) << field->full_name();
  }
  for (const EnumDescriptor* type : Contract().Enums()) {
    EXPECT_TRUE(IsCommented(type)) << type->full_name();
    for (int i = 1; i < type->value_count(); ++i) {
      EXPECT_TRUE(IsCommented(type->value(i))) << type->value(i)->full_name();
    }
  }
}

// A name of an implementation in a public comment sends readers to files that they do not have.
TEST(ProtoContract, CommentsNameNoConstantsOrFilesOfTheImplementation) {
  const auto check = [](const auto* thing) {
    SourceLocation location;
    if (!thing->GetSourceLocation(&location)) return;
    const std::string comment = location.leading_comments + location.trailing_comments;
    for (absl::string_view word : absl::StrSplit(comment, absl::ByAnyChar(" \n\t(),;"))) {
      const bool is_constant =
          word.size() > 2 && word[0] == 'k' && absl::ascii_isupper(static_cast<unsigned char>(word[1]));
      EXPECT_FALSE(is_constant) << thing->full_name() << ": " << word;
      for (const char* part : {"limits::", ".cc", ".h", "server/", "storage/", "client/"}) {
        EXPECT_FALSE(absl::StrContains(word, part) && !absl::StrContains(word, "://"))
            << thing->full_name() << ": " << word;
      }
    }
  };
  for (const auto* service : Contract().Services()) check(service);
  for (const MethodDescriptor* method : Contract().Methods()) check(method);
  for (const Descriptor* message : Contract().Messages()) check(message);
  for (const FieldDescriptor* field : Contract().Fields()) check(field);
  for (const EnumDescriptor* type : Contract().Enums()) check(type);
}

}  // namespace
}  // namespace tthc
