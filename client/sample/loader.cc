#include "client/sample/loader.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::sample {
namespace {

const std::string& RequestIdOf(const v1::StreamAppendRequest& request) {
  return request.has_create() ? request.create().request_id() : request.append().request_id();
}

// Sends the commands in order; keeps the revisions that amendments ask for.
class Loader {
 public:
  // `head` is the store's revision before: an ack that is not above it answers a command of an earlier run.
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
      // The first dossier tells whether this seed is there already.
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
      TTHC_RETURN_IF_ERROR(writer_->Flush());
      const auto target = revisions_.find(command.corrects_request_id);
      // The target was refused: so would be its correction.
      if (target == revisions_.end()) return absl::OkStatus();
      request.mutable_append()->mutable_event()->mutable_amended()->set_target_revision(target->second);
    }
    return writer_->Append(std::move(request));
  }

  bool IsLoadedOtherwise() const {
    if (acks_ != 1 || result_.refused != 1) return false;
    const std::string reason = ErrorReason(result_.first_refusal);
    return reason == "CODE_EXISTS" || reason == "REQUEST_ID_REUSED";
  }

  void OnAck(const v1::StreamAppendRequest& request, const v1::StreamAppendResponse& response) {
    ++acks_;
    if (response.has_error()) {
      ++result_.refused;
      if (result_.first_refusal.ok()) result_.first_refusal = FromRpcStatus(response.error());
      return;
    }
    const std::string& id = RequestIdOf(request);
    if (wanted_.contains(id)) revisions_[id] = response.revision();
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
  // Last: its end may still call OnAck.
  std::unique_ptr<sdk::BulkWriter> writer_;
};

}  // namespace

absl::StatusOr<Centre> FetchCentre(sdk::Client& client) {
  Lists lists;
  TTHC_ASSIGN_OR_RETURN(const v1::ListProceduresResponse procedures, client.ListProcedures({}));
  lists.procedures.assign(procedures.procedures().begin(), procedures.procedures().end());
  TTHC_ASSIGN_OR_RETURN(const v1::ListOfficesResponse offices, client.ListOffices({}));
  lists.offices.assign(offices.offices().begin(), offices.offices().end());
  lists.units.assign(offices.units().begin(), offices.units().end());
  lists.officers.assign(offices.officers().begin(), offices.officers().end());

  v1::GetCalendarRequest newest;
  newest.set_name("calendars/latest");
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar proto, client.GetCalendar(newest));
  TTHC_ASSIGN_OR_RETURN(auto calendar, domain::Calendar::FromProto(proto));
  return Centre::Make(lists, std::move(calendar));
}

absl::StatusOr<LoadResult> LoadSample(sdk::Client& client, const SampleOptions& options,
                                      const std::function<void(size_t done, size_t all)>& progress) {
  TTHC_ASSIGN_OR_RETURN(const Centre centre, FetchCentre(client));
  TTHC_ASSIGN_OR_RETURN(const std::vector<SampleCommand> commands, MakeSample(options, centre));
  v1::ListDossiersRequest first_page;
  first_page.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(const v1::ListDossiersResponse before, client.ListDossiers(first_page));
  return Loader(client, before.revision(), commands).Run(progress);
}

}  // namespace tthc::sample
