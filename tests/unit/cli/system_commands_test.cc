#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/cli/cli_fixture.h"
#include "tthc/v1/change_service.grpc.pb.h"

// tthc watch.
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class PreparedChanges final : public v1::ChangeService::Service {
 public:
  grpc::Status ListChanges(grpc::ServerContext*, const v1::ListChangesRequest*,
                           v1::ListChangesResponse* response) override {
    response->set_head_revision(41);
    return grpc::Status::OK;
  }
  grpc::Status WatchChanges(grpc::ServerContext*, const v1::WatchChangesRequest* request,
                            grpc::ServerWriter<v1::WatchChangesResponse>* writer) override {
    watches.push_back(*request);
    writer->Write(message);
    return grpc::Status::OK;
  }

  v1::WatchChangesResponse message;
  std::vector<v1::WatchChangesRequest> watches;
};

class WatchCommandTest : public CliTest {
 protected:
  WatchCommandTest() {
    Serve({&server_});
    v1::Change& event = *server_.message.add_changes();
    event.set_revision(42);
    event.set_dossier(NameOf("0001"));
    event.mutable_event()->mutable_noted()->set_text("Đã gọi điện");
    v1::Change& decision = *server_.message.add_changes();
    decision.set_revision(43);
    decision.mutable_mirror_decision()->set_target("mirrorTargets/dvcqg");
    decision.mutable_mirror_decision()->set_kind(v1::MirrorDecision::KIND_PAUSE);
    decision.mutable_mirror_decision()->set_reason("Cổng bảo trì");
    decision.mutable_mirror_decision()->set_actor("officers/lanh-dao");
    server_.message.set_revision(43);
  }

  PreparedChanges server_;
};

TEST_F(WatchCommandTest, StartsBehindTheHeadUnlessARevisionIsGiven) {
  EXPECT_EQ(Run({"watch", "--count", "2"}).code, kExitOk);
  EXPECT_EQ(Run({"watch", "--count", "2", "--from", "7"}).code, kExitOk);
  EXPECT_EQ(Run({"watch", "--count", "2", "--from", "0"}).code, kExitOk);
  ASSERT_THAT(server_.watches, SizeIs(3));
  EXPECT_EQ(server_.watches[0].start_revision(), 42);
  EXPECT_EQ(server_.watches[1].start_revision(), 7);
  EXPECT_EQ(server_.watches[2].start_revision(), 0) << "the oldest retained revision";
  for (const v1::WatchChangesRequest& watch : server_.watches) EXPECT_FALSE(watch.from_now());
}

TEST_F(WatchCommandTest, ShowsCodesAndDecisionsAboutTheMirror) {
  const Outcome outcome = Run({"watch", "0001", "--count", "2"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(server_.watches[0].dossier(), NameOf("0001"));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(CodeOf("0001")), HasSubstr("Đã gọi điện"), Not(HasSubstr("bcdfghj"))));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("quyết định đồng bộ"), HasSubstr("tạm dừng: Cổng bảo trì"),
                                 HasSubstr("officers/lanh-dao")));
  dossiers_.batches.clear();
  EXPECT_THAT(Run({"watch", "--count", "1", "-o", "jsonl"}).out, HasSubstr(NameOf("0001")));
  EXPECT_THAT(dossiers_.batches, IsEmpty()) << "JSON shows changes as they are";
}

}  // namespace
}  // namespace tthc::cli
