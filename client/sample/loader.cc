#include "client/sample/loader.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/sdk/paging.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::sample {
namespace {

const std::string& RequestIdOf(const v1::StreamAppendRequest& request) {
  return request.has_create() ? request.create().request_id() : request.append().request_id();
}

// Sends the commands in order. Keeps the revisions that amendments need as their targets.
class Loader {
 public:
  // `head` is the revision of the store before the load: an ack with a revision up to it repeats an earlier run's.
  Loader(sdk::Client& client, int64_t head, const std::vector<SampleCommand>& commands)
      : head_(head), commands_(commands) {
    for (const SampleCommand& command : commands) {
      if (!command.corrects_request_id.empty()) wanted_.insert(command.corrects_request_id);
    }
    writer_ = client.OpenBulkWriter([this](const auto& request, const auto& response) { OnAck(request, response); });
  }

  absl::StatusOr<LoadResult> Run(const std::function<void(size_t, size_t)>& progress) {
    for (size_t i = 0; i < commands_.size(); ++i) {
      TTHC_RETURN_IF_ERROR(Send(commands_[i]));
      // The outcome of the first command shows whether this seed was loaded before.
      // Only here a wait for one answer is worth its time: otherwise thousands of refusals would follow.
      if (i == 0) TTHC_RETURN_IF_ERROR(writer_->Flush());
      if (IsLoadedOtherwise()) return LoadResult{.already_there = true};
      progress(i + 1, commands_.size());
    }
    TTHC_RETURN_IF_ERROR(writer_->Flush());
    return result_;
  }

 private:
  absl::Status Send(const SampleCommand& command) {
    v1::StreamAppendRequest request = command.request;
    if (!command.corrects_request_id.empty()) {
      // A correction needs the revision of its target, so every answer up to it must be in.
      TTHC_RETURN_IF_ERROR(writer_->Flush());
      const auto target = revisions_.find(command.corrects_request_id);
      // The target was refused, so the correction would be refused too.
      if (target == revisions_.end()) return absl::OkStatus();
      request.mutable_append()->mutable_event()->mutable_amended()->set_target_revision(target->second);
    }
    return writer_->Append(std::move(request));
  }

  bool IsLoadedOtherwise() const {
    // The same seed with other options: its codes or its request ids are taken. Any other refusal of the first command
    // is an ordinary one.
    if (acks_ != 1 || result_.refused != 1) return false;
    const std::string reason = ErrorReason(result_.first_refusal);
    return reason == "CODE_EXISTS" || reason == "REQUEST_ID_REUSED";
  }

  void OnAck(const v1::StreamAppendRequest& request, const v1::StreamAppendResponse& response) {
    ++acks_;
    if (response.has_error()) {
      ++result_.refused;
      // One is enough to see what is wrong, and it comes before those that follow from it.
      if (result_.first_refusal.ok()) result_.first_refusal = FromRpcStatus(response.error());
      return;
    }
    const std::string& id = RequestIdOf(request);
    if (wanted_.contains(id)) revisions_[id] = response.revision();
    // An earlier run recorded it; only what this run added is counted.
    if (response.revision() <= head_) return;
    if (request.has_create()) ++result_.dossiers;
    result_.events += request.has_create() ? request.create().events_size() : 1;
  }

  const int64_t head_;
  const std::vector<SampleCommand>& commands_;
  std::set<std::string> wanted_;
  std::map<std::string, int64_t> revisions_;
  int64_t acks_ = 0;
  LoadResult result_;
  // Last, because its destructor may still call OnAck, which uses the members above.
  std::unique_ptr<sdk::BulkWriter> writer_;
};

}  // namespace

absl::StatusOr<Center> FetchCenter(sdk::Client& client) {
  Lists lists;
  TTHC_ASSIGN_OR_RETURN(lists.procedures,
                        sdk::FetchAll<v1::Procedure>(
                            v1::ListProceduresRequest(), [&](const auto& page) { return client.ListProcedures(page); },
                            [](const auto& page) -> const auto& { return page.procedures(); }));
  TTHC_ASSIGN_OR_RETURN(lists.offices,
                        sdk::FetchAll<v1::Office>(
                            v1::ListOfficesRequest(), [&](const auto& page) { return client.ListOffices(page); },
                            [](const auto& page) -> const auto& { return page.offices(); }));
  TTHC_ASSIGN_OR_RETURN(lists.units,
                        sdk::FetchAll<v1::Unit>(
                            v1::ListUnitsRequest(), [&](const auto& page) { return client.ListUnits(page); },
                            [](const auto& page) -> const auto& { return page.units(); }));
  TTHC_ASSIGN_OR_RETURN(lists.officers,
                        sdk::FetchAll<v1::Officer>(
                            v1::ListOfficersRequest(), [&](const auto& page) { return client.ListOfficers(page); },
                            [](const auto& page) -> const auto& { return page.officers(); }));

  v1::GetCalendarRequest newest;
  newest.set_name("calendars/latest");
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar proto, client.GetCalendar(newest));
  TTHC_ASSIGN_OR_RETURN(auto calendar, timing::Calendar::FromProto(proto));
  return Center::Make(lists, std::move(calendar));
}

absl::StatusOr<LoadResult> LoadSample(sdk::Client& client, const SampleOptions& options,
                                      const std::function<void(size_t done, size_t all)>& progress) {
  TTHC_ASSIGN_OR_RETURN(const Center center, FetchCenter(client));
  TTHC_ASSIGN_OR_RETURN(const std::vector<SampleCommand> commands, MakeSample(options, center));
  // For the revision before the load, which comes with any page.
  v1::ListDossiersRequest first_page;
  first_page.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(const v1::ListDossiersResponse before, client.ListDossiers(first_page));
  return Loader(client, before.revision(), commands).Run(progress);
}

}  // namespace tthc::sample
