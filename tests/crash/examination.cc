#include "tests/crash/examination.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/strip.h"
#include "server/domain/fold.h"
#include "storage/base/local_time.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/testing/dossier_records.h"

namespace tthc::crash {
namespace {

// Calendars as they lie in the store.
class StoredCalendars final : public domain::CalendarSource {
 public:
  explicit StoredCalendars(const storage::StoreReader& reader) {
    const absl::Status scanned = reader.ScanCatalogue([this](const storage::v1::LogRecord& record) {
      if (!record.has_calendar()) return;
      const auto calendar = timing::Calendar::FromProto(record.calendar());
      ASSERT_TRUE(calendar.ok()) << calendar.status();
      calendars_[record.calendar().version()] = *calendar;
    });
    EXPECT_TRUE(scanned.ok()) << scanned;
  }
  std::shared_ptr<const timing::Calendar> FindCalendar(int64_t version) const override {
    const auto found = calendars_.find(version);
    return found == calendars_.end() ? nullptr : found->second;
  }

 private:
  std::map<int64_t, std::shared_ptr<const timing::Calendar>> calendars_;
};

std::string TextOf(const v1::Event& event) {
  return event.has_noted() ? event.noted().text() : event.accepted().request().content();
}

std::vector<v1::Event> History(v1::DossierService::Stub* stub, const std::string& dossier) {
  v1::ListEventsRequest request;
  request.set_parent(dossier);
  request.set_page_size(1000);
  std::vector<v1::Event> events;
  do {
    grpc::ClientContext context;
    v1::ListEventsResponse response;
    const grpc::Status status = stub->ListEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << dossier << ": " << status.error_message();
    events.insert(events.end(), response.events().begin(), response.events().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return events;
}

// A dossier of an unknown outcome has no name yet: found by what was asked for, if it is there.
std::set<std::string> AllDossiers(v1::DossierService::Stub* stub) {
  v1::ListDossiersRequest request;
  request.set_page_size(1000);
  std::set<std::string> names;
  do {
    grpc::ClientContext context;
    v1::ListDossiersResponse response;
    const grpc::Status status = stub->ListDossiers(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const v1::Dossier& dossier : response.dossiers()) {
      EXPECT_TRUE(names.insert(dossier.name()).second) << dossier.name() << " is there twice";
    }
    request.set_page_token(response.next_page_token());
    if (request.page_token().empty()) {
      EXPECT_EQ(response.total_size(), static_cast<int64_t>(names.size()));
    }
  } while (!request.page_token().empty());
  return names;
}

}  // namespace

void Examination::ReadHistories(v1::DossierService::Stub* stub, const std::vector<const Command*>& commands) {
  std::set<std::string> touched;
  bool unknown_creation = false;
  for (const Command* command : commands) {
    for (const v1::AppendEventRequest& request : command->batch.requests()) touched.insert(request.parent());
    touched.insert(command->dossiers.begin(), command->dossiers.end());
    unknown_creation |= command->dossiers.empty() && !command->create.events().empty();
  }
  if (unknown_creation) {
    for (const std::string& name : AllDossiers(stub)) {
      if (!revision_of_dossier_.contains(name)) touched.insert(name);
    }
  }
  for (const std::string& name : touched) {
    const std::vector<v1::Event> events = History(stub, name);
    int64_t before = 0;
    for (const v1::Event& event : events) {
      EXPECT_GT(event.revision(), before) << name << " is out of order";
      before = event.revision();
      seen_[TextOf(event)].clear();
    }
    for (const v1::Event& event : events) {
      seen_[TextOf(event)].push_back({.revision = event.revision(), .dossier = name});
    }
    EXPECT_GE(before, revision_of_dossier_[name]) << name << " has lost events";
    revision_of_dossier_[name] = before;
    highest_revision_ = std::max(highest_revision_, before);
  }
}

void Examination::CheckAcknowledged(const Command& command) const {
  for (size_t i = 0; i < command.texts.size(); ++i) {
    const auto found = seen_.find(command.texts[i]);
    ASSERT_NE(found, seen_.end()) << command.texts[i] << " was acknowledged and is lost";
    ASSERT_EQ(found->second.size(), 1u) << command.texts[i] << " is there more than once";
    EXPECT_EQ(found->second[0].revision, command.revisions[i]) << command.texts[i];
    EXPECT_EQ(found->second[0].dossier, command.dossiers[i]) << command.texts[i];
  }
}

void Examination::CheckWholeOrNothing(const Command& command) {
  size_t there = 0;
  for (const std::string& text : command.texts) {
    const auto found = seen_.find(text);
    if (found == seen_.end()) continue;
    ASSERT_EQ(found->second.size(), 1u) << text << " is there more than once";
    ++there;
  }
  ASSERT_TRUE(there == 0 || there == command.texts.size()) << command.request_id << " is there in part";
  ++(there == 0 ? unknown_not_done_ : unknown_done_);
}

void Examination::AfterRestart(const std::string& address, std::vector<Command>* commands) {
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto stub = v1::DossierService::NewStub(channel);
  std::vector<const Command*> fresh;
  for (size_t i = examined_; i < commands->size(); ++i) fresh.push_back(&(*commands)[i]);
  ReadHistories(stub.get(), fresh);

  std::vector<const Command*> again;
  for (size_t i = examined_; i < commands->size(); ++i) {
    Command& command = (*commands)[i];
    if (command.outcome == Command::Outcome::kAcknowledged) {
      CheckAcknowledged(command);
      continue;
    }
    CheckWholeOrNothing(command);
    // Twice: a client that is cut off may be cut off again.
    for (int tries = 0; tries < 2; ++tries) ASSERT_TRUE(Send(stub.get(), &command)) << command.request_id;
    again.push_back(&command);
  }
  ReadHistories(stub.get(), again);
  for (const Command* command : again) CheckAcknowledged(*command);
  examined_ = commands->size();
}

void Examination::OfTheStore(const std::string& data_directory, const std::vector<Command>& commands) {
  auto engine = storage::OpenRocksDb({.directory = data_directory});
  ASSERT_TRUE(engine.ok()) << engine.status();
  auto store = storage::Store::Open(*std::move(engine));
  ASSERT_TRUE(store.ok()) << store.status();
  const storage::StoreReader reader = (*store)->Read();
  EXPECT_GE((*store)->head().revision(), highest_revision_);

  // The whole log: no gap, no command without its end, every text once.
  std::map<int64_t, std::vector<v1::Event>> events_of;
  std::map<int64_t, std::string> uid_of;
  std::set<std::string> texts;
  int64_t expected = 1;
  int32_t tail = 0;
  const absl::Status scanned = reader.ScanLog(1, [&](int64_t revision, const storage::v1::LogRecord& record) {
    EXPECT_EQ(revision, expected++);
    EXPECT_TRUE(tail == 0 || record.command_tail() == tail - 1) << "command cut at " << revision;
    tail = record.command_tail();
    if (!record.has_event()) return true;
    v1::Event event = record.event();
    event.set_revision(revision);
    *event.mutable_record_time() = ToProto(absl::FromUnixMicros(record.record_time_us()));
    EXPECT_TRUE(texts.insert(TextOf(event)).second) << TextOf(event) << " is in the log twice";
    std::vector<v1::Event>& events = events_of[record.dossier_number()];
    EXPECT_EQ(record.dossier_uid().empty(), !events.empty()) << "only the event that opens a dossier carries its uid";
    if (events.empty()) uid_of[record.dossier_number()] = record.dossier_uid();
    events.push_back(std::move(event));
    return true;
  });
  EXPECT_TRUE(scanned.ok()) << scanned;
  EXPECT_EQ(tail, 0);
  EXPECT_EQ(expected, (*store)->head().revision() + 1);
  for (const Command& command : commands) {
    for (const std::string& text : command.texts) EXPECT_TRUE(texts.contains(text)) << text << " is lost";
  }

  const StoredCalendars calendars(reader);
  std::set<std::string> codes;
  size_t dossiers = 0;
  const auto examine = [&](int64_t number, const storage::v1::DossierRecord& record) {
    auto state = domain::Fold(calendars, events_of[number]);
    ASSERT_TRUE(state.ok()) << state.status();
    state->set_name("dossiers/" + uid_of[number]);
    EXPECT_EQ(state->DebugString(), record.dossier().DebugString());
    for (const std::string& code : {record.dossier().code(), uid_of[number]}) {
      EXPECT_TRUE(codes.insert(code).second) << code << " was issued twice";
      const auto owner = reader.FindCode(code);
      EXPECT_TRUE(owner.ok() && *owner == number) << code;
    }
    ++dossiers;
  };
  const absl::Status folded = testing::VisitDossiers(reader, examine);
  EXPECT_TRUE(folded.ok()) << folded;
  EXPECT_EQ(dossiers, events_of.size());
}

}  // namespace tthc::crash
