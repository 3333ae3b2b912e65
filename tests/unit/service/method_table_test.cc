#include "server/service/method_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/service/service_rows.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/proto_files.h"
#include "tests/testing/protos.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::ServiceFixture;

// --- The table of the server -----------------------------------------------------------------------------------------

TEST(ServiceMethods, EveryMethodOfTheContractHasARow) {
  ServiceFixture fixture({.seed = false});
  std::set<std::string> rows;
  for (const Method& method : fixture.service().methods().methods()) rows.insert(method.name);
  const testing::ProtoFiles contract(TTHC_CONTRACT_FILE);
  for (const auto* method : contract.Methods()) {
    const std::string name = absl::StrCat(method->service()->full_name(), "/", method->name());
    EXPECT_EQ(rows.erase(name), 1u) << name << " has no row";
  }
  EXPECT_TRUE(rows.empty()) << *rows.begin() << " is in no proto file";
}

TEST(ServiceMethods, PoliciesFollowWhatAMethodDoes) {
  ServiceFixture fixture({.seed = false});
  std::map<MethodPolicy, int> counts;
  for (const Method& method : fixture.service().methods().methods()) {
    ++counts[method.policy];
    const bool streams = method.descriptor->server_streaming() && !method.descriptor->client_streaming();
    EXPECT_EQ(method.policy == MethodPolicy::kStream, streams) << method.name;
    EXPECT_EQ(method.deadline_max, streams ? absl::InfiniteDuration() : limits::kRequestDeadlineMax) << method.name;
    // A method with a request id writes.
    const bool has_id = method.descriptor->input_type()->FindFieldByName("request_id") != nullptr;
    EXPECT_TRUE(!has_id || method.policy == MethodPolicy::kWrite) << method.name << ": " << PolicyName(method.policy);
  }
  EXPECT_EQ(counts.size(), 5u) << "a policy that no method has";
}

TEST(ServiceMethods, AreFoundByNameAndByRequest) {
  ServiceFixture fixture({.seed = false});
  const MethodTable& table = fixture.service().methods();
  const Method* get = table.Find("tthc.v1.DossierService/GetDossier");
  ASSERT_NE(get, nullptr);
  EXPECT_EQ(get, &table.ForRequest(v1::GetDossierRequest::descriptor()));
  EXPECT_EQ(get->NewRequest()->GetDescriptor(), v1::GetDossierRequest::descriptor());
  EXPECT_EQ(table.Find("tthc.v1.DossierService/NoSuchMethod"), nullptr);
}

TEST(ServiceMethods, UntypedCallsGetTheAnswerOfTheMethod) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  const Method* get = fixture.service().methods().Find("tthc.v1.DossierService/GetDossier");
  const std::unique_ptr<google::protobuf::Message> request = get->NewRequest();
  static_cast<v1::GetDossierRequest&>(*request).set_name(dossier.name());
  std::promise<std::string> answered;
  get->call({}, *request, [&answered](absl::StatusOr<google::protobuf::Message*> answer) {
    answered.set_value(answer.ok() ? static_cast<const v1::Dossier&>(**answer).code() : "refused");
  });
  EXPECT_EQ(answered.get_future().get(), dossier.code());
}

TEST(ServiceMethods, AWriteWhoseDeadlinePassedIsNotBegun) {
  ServiceFixture fixture;
  const int64_t before = fixture.head_revision();
  v1::CreateDossierRequest request;
  *request.add_events() = AcceptedEvent();
  std::promise<absl::Status> answered;
  fixture.service().methods().Call<v1::CreateDossierResponse>(
      {.caller = {}, .deadline = fixture.clock().Now() - absl::Seconds(1)}, request,
      [&answered](absl::StatusOr<v1::CreateDossierResponse> answer) { answered.set_value(answer.status()); });
  EXPECT_EQ(answered.get_future().get().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(fixture.head_revision(), before);
}

TEST(ServiceMethods, AReadWhoseDeadlinePassedIsNotBegun) {
  ServiceFixture fixture;
  const v1::ListDossiersRequest request;
  std::promise<absl::Status> answered;
  fixture.service().methods().Call<v1::ListDossiersResponse>(
      {.caller = {}, .deadline = fixture.clock().Now() - absl::Seconds(1)}, request,
      [&answered](absl::StatusOr<v1::ListDossiersResponse> answer) { answered.set_value(answer.status()); });
  EXPECT_EQ(ErrorReason(answered.get_future().get()), "DEADLINE_PASSED");
}

TEST(ServiceMethods, AfterShutdownEveryPolicyButMemoryRefusesAndAnswers) {
  ServiceFixture fixture;
  fixture.service().Shutdown();
  v1::CreateDossierRequest create;
  *create.add_events() = AcceptedEvent();
  EXPECT_EQ(ErrorReason(fixture.Status(create)), "SHUTTING_DOWN");
  EXPECT_EQ(ErrorReason(fixture.Status(v1::ListDossiersRequest())), "SHUTTING_DOWN");
  EXPECT_EQ(ErrorReason(fixture.Status(v1::QueryStatisticsRequest())), "SHUTTING_DOWN");
  EXPECT_EQ(ErrorReason(fixture.Status(v1::ClosePeriodRequest())), "SHUTTING_DOWN")
      << "its first stage runs on the report threads";
  EXPECT_TRUE(fixture.Status(v1::ListOfficesRequest()).ok());
}

// --- Programming errors ----------------------------------------------------------------------------------------------

absl::StatusOr<v1::DueTimeExplanation> Preview(const v1::PreviewDueTimeRequest&) { return v1::DueTimeExplanation(); }
absl::StatusOr<v1::DueTimeExplanation> Explain(const v1::ExplainDueTimeRequest&) { return v1::DueTimeExplanation(); }
absl::StatusOr<v1::Dossier> Wrong(const v1::PreviewDueTimeRequest&) { return v1::Dossier(); }

constexpr char kDueTimes[] = "tthc.v1.DueTimeService";

TEST(MethodTable, IsCompleteWithARowForEachMethod) {
  MethodTable table;
  ServiceRows rows(&table, Executors(), kDueTimes);
  rows.Memory("PreviewDueTime", Preview);
  rows.Memory("ExplainDueTime", Explain);
  table.CheckComplete();
  ASSERT_EQ(table.Services().size(), 1u);
  EXPECT_EQ(table.Services()[0]->full_name(), kDueTimes);
}

TEST(MethodTableDeathTest, AMethodWithoutARowAborts) {
  MethodTable table;
  ServiceRows rows(&table, Executors(), kDueTimes);
  rows.Memory("PreviewDueTime", Preview);
  EXPECT_DEATH(table.CheckComplete(), "Find\\(NameOf");
}

TEST(MethodTableDeathTest, ASecondRowForAMethodAborts) {
  MethodTable table;
  ServiceRows rows(&table, Executors(), kDueTimes);
  rows.Memory("PreviewDueTime", Preview);
  EXPECT_DEATH(rows.Memory("PreviewDueTime", Preview), "by_name_");
}

TEST(MethodTableDeathTest, ARowForNoMethodAborts) {
  MethodTable table;
  ServiceRows rows(&table, Executors(), kDueTimes);
  EXPECT_DEATH(rows.Memory("PreviewDueTimes", Preview), "found != nullptr");
}

TEST(MethodTableDeathTest, ARowWithAnotherAnswerAborts) {
  MethodTable table;
  ServiceRows rows(&table, Executors(), kDueTimes);
  EXPECT_DEATH(rows.Memory("PreviewDueTime", Wrong), "output_type");
}

TEST(MethodTableDeathTest, RowsOfNoServiceAbort) {
  MethodTable table;
  EXPECT_DEATH(ServiceRows(&table, Executors(), "tthc.v1.NoSuchService"), "service_ != nullptr");
}

}  // namespace
}  // namespace tthc::server
