#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server/service/commit_pipeline.h"
#include "server/service/request_context.h"
#include "tthc/v1/catalogue_service.pb.h"

namespace tthc::server {

// Moves open dossiers to a calendar version: one command and one message for each portion of limits::kRecomputePortion.
// A dossier that can't be counted is reported and left as it is; running it again goes on where it stopped.
class RecomputeStream final : public ServerStream<v1::RecomputeDueTimesResponse> {
 public:
  // `pipeline` outlives the stream. `request.calendar_version` exists.
  RecomputeStream(CommitPipeline* pipeline, std::vector<int64_t> open_dossiers, v1::RecomputeDueTimesRequest request,
                  std::string actor);

  void Next(Reply<std::optional<v1::RecomputeDueTimesResponse>> reply) override;
  void Cancel() override { cancelled_.store(true); }

 private:
  CommitPipeline& pipeline_;
  const std::vector<int64_t> numbers_;
  const v1::RecomputeDueTimesRequest request_;
  const std::string actor_;
  std::atomic<bool> cancelled_{false};
  size_t next_ = 0;
  bool done_ = false;
  // Running totals; handed on from portion to portion.
  std::shared_ptr<v1::RecomputeDueTimesResponse> totals_ = std::make_shared<v1::RecomputeDueTimesResponse>();
};

}  // namespace tthc::server
