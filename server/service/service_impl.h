#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "server/service/as_of.h"
#include "server/service/change_feed.h"
#include "server/service/closing_queries.h"
#include "server/service/commit_pipeline.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_queries.h"
#include "server/service/fact_index.h"
#include "server/service/fact_loading.h"
#include "server/service/fact_snapshot.h"
#include "server/service/mirror_commands.h"
#include "server/service/mirror_index.h"
#include "server/service/mirror_keeper.h"
#include "server/service/mirror_queries.h"
#include "server/service/read_pool.h"
#include "server/service/score_queries.h"
#include "server/service/service.h"
#include "server/service/statistics_queries.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// What a Service holds, for the files that its methods are spread over; nobody else includes this.
namespace tthc::server {

class Service::Impl {
 public:
  Impl(std::unique_ptr<storage::Store> store, const Options& options, std::shared_ptr<const Catalogue> catalogue)
      : clock_(*options.clock),
        store_(std::move(store)),
        catalogue_(std::move(catalogue)),
        as_of_(store_.get(), &index_, &catalogue_),
        pool_(options.read_threads),
        report_pool_(limits::kReportThreads),
        mirror_keeper_(store_.get(), &mirror_, &pool_) {}

  absl::Status Start(const Options& options) {
    const storage::StoreReader reader = store_->Read();
    NameTable names;
    std::vector<std::pair<uint32_t, std::string>> all_names;
    TTHC_RETURN_IF_ERROR(reader.ScanNames([&](uint32_t number, const std::string& name) {
      names.Add(number, name);
      all_names.emplace_back(number, name);
    }));
    index_.Apply({}, all_names, store_->head().revision());
    TTHC_ASSIGN_OR_RETURN(const int64_t snapshot_revision,
                          LoadFacts(*store_, options.fact_snapshot_path, options.read_threads, index_));
    if (!options.fact_snapshot_path.empty()) {
      snapshots_ = std::make_unique<FactSnapshotKeeper>(
          FactSnapshotKeeper::Options{.path = options.fact_snapshot_path,
                                      .store = store_.get(),
                                      .index = &index_,
                                      .saved_revision = snapshot_revision});
    }
    mirror_.Start(store_->head());
    TTHC_RETURN_IF_ERROR(reader.ScanMirrorTargets(
        [&](const std::string& id, const storage::v1::MirrorTargetRecord& target) { mirror_.AddTarget(id, target); }));
    feed_ = std::make_unique<ChangeFeed>(store_.get(), &index_, &pool_, &clock_);
    pipeline_ = std::make_unique<CommitPipeline>(CommitPipeline::Options{
        .store = store_.get(),
        .clock = &clock_,
        .catalogue = catalogue_.Get(),
        .names = std::move(names),
        .on_committed = [this](const CommitPipeline::Committed& committed) { OnCommitted(committed); }});
    mirror_keeper_.StartCounting();
    return absl::OkStatus();
  }

  void Shutdown() {
    // Writers first: what they finish, the watchers may still see.
    if (pipeline_ != nullptr) pipeline_->Stop();
    if (feed_ != nullptr) feed_->Stop();
    mirror_keeper_.Stop();
    report_pool_.Stop();
    pool_.Stop();
  }

  // Once nobody is answered any more: it may take a while.
  void SaveFacts() {
    if (snapshots_ != nullptr) snapshots_->Stop();
  }

  void OnCommitted(const CommitPipeline::Committed& committed) {
    index_.Apply(committed.facts, committed.new_names, committed.head.revision());
    if (committed.catalogue != nullptr) catalogue_.Set(committed.catalogue);
    mirror_.OnCommitted(committed);
    feed_->OnCommitted();
  }

  // Runs `decide` on the pipeline and answers with what it made, once that is durable.
  template <typename T>
  void Write(const RequestContext& context, bool validate_only, size_t bytes,
             std::function<absl::StatusOr<T>(CommitScope&)> decide, Reply<T> reply) {
    auto result = std::make_shared<T>();
    const auto shared_reply = std::make_shared<Reply<T>>(std::move(reply));
    const absl::Status queued = pipeline_->Submit(
        {.run = [result, decide = std::move(decide)](CommitScope& scope) -> absl::Status {
           TTHC_ASSIGN_OR_RETURN(*result, decide(scope));
           return absl::OkStatus();
         },
         .done =
             [result, shared_reply](const absl::Status& status) {
               if (status.ok()) {
                 (*shared_reply)(std::move(*result));
               } else {
                 (*shared_reply)(status);
               }
             },
         .validate_only = validate_only,
         .bytes = bytes,
         .deadline = context.deadline});
    if (!queued.ok()) (*shared_reply)(queued);
  }

  // `make_answer` runs on the pipeline, before the commit.
  template <typename T>
  void Create(const RequestContext& context, const v1::CreateDossierRequest& request, AnswerKind answer,
              T (*make_answer)(const CommitScope&, CommandOutcome&), Reply<T> reply);
  template <typename T, typename Request>
  void Append(const RequestContext& context, const Request& request, AnswerKind answer,
              T (*make_answer)(const CommitScope&, CommandOutcome&), Reply<T> reply);

  // An append on its way. It goes round once more when it names a dossier by the tail of its code: that takes a search,
  // which the writer has no time for.
  template <typename T>
  struct PendingAppend {
    AppendCommand command;
    bool validate_only = false;
    size_t bytes = 0;
    absl::Time deadline;
    T (*make_answer)(const CommitScope&, CommandOutcome&) = nullptr;
    Reply<T> reply;
    bool has_tails = false;
    T answer;
  };
  template <typename T>
  void Submit(std::shared_ptr<PendingAppend<T>> pending);
  // On the read pool.
  template <typename T>
  void ResolveTails(std::shared_ptr<PendingAppend<T>> pending);

  // Runs `read` on the read pool.
  template <typename T>
  void Read(const RequestContext& context, std::function<absl::StatusOr<T>()> read, Reply<T> reply) {
    Post(pool_, context, std::move(read), std::move(reply));
  }
  // As Read, for what may take long: it never keeps a look-up waiting.
  template <typename T>
  void Report(const RequestContext& context, std::function<absl::StatusOr<T>()> read, Reply<T> reply) {
    Post(report_pool_, context, std::move(read), std::move(reply));
  }
  template <typename T>
  void Post(ReadPool& pool, const RequestContext& context, std::function<absl::StatusOr<T>()> read, Reply<T> reply) {
    const auto shared_reply = std::make_shared<Reply<T>>(std::move(reply));
    const absl::Status posted = pool.Post([this, deadline = context.deadline, read = std::move(read), shared_reply] {
      if (clock_.Now() > deadline) {
        (*shared_reply)(absl::DeadlineExceededError("the request waited longer than its deadline"));
        return;
      }
      (*shared_reply)(read());
    });
    if (!posted.ok()) (*shared_reply)(posted);
  }

  // Runs `decide` on the pipeline and then, once that is durable, `read` on the read pool for the answer.
  template <typename Made, typename T>
  void WriteThenRead(const RequestContext& context, size_t bytes,
                     std::function<absl::StatusOr<Made>(CommitScope&)> decide,
                     std::function<absl::StatusOr<T>(const Made&)> read, Reply<T> reply) {
    const auto shared_reply = std::make_shared<Reply<T>>(std::move(reply));
    Write<Made>(context, false, bytes, std::move(decide),
                [this, context, read = std::move(read), shared_reply](absl::StatusOr<Made> made) {
                  if (!made.ok()) return (*shared_reply)(made.status());
                  Read<T>(
                      context, [read, made = *std::move(made)] { return read(made); },
                      [shared_reply](absl::StatusOr<T> answer) { (*shared_reply)(std::move(answer)); });
                });
  }

  // Where a target's position stands, for the next write of it; 0 without such a target.
  int64_t MirrorPosition(const std::string& name) const {
    const absl::StatusOr<std::string> id = MirrorTargetId(name);
    const auto target = id.ok() ? mirror_.Find(*id) : std::nullopt;
    return target.has_value() ? target->position : 0;
  }
  void ScheduleAdvance(const std::string& name) {
    if (const absl::StatusOr<std::string> id = MirrorTargetId(name); id.ok()) mirror_keeper_.ScheduleAdvance(*id);
  }
  // Makes pending, portion by portion from behind `after_number` on, what was parked for a profile's sake, under the
  // lease of `fence`; then keeps the new profile's digest.
  void Requeue(const std::string& target_id, int64_t fence, const std::string& profile_digest, int64_t after_number);

  absl::Time Now() const { return clock_.Now(); }
  MirrorQueries Mirror() const { return {store_.get(), &index_, &mirror_, &catalogue_}; }
  DossierQueries Queries() const { return {store_.get(), &index_, &catalogue_}; }
  StatisticsQueries Statistics() { return {store_.get(), &index_, &catalogue_, &as_of_, &mirror_}; }
  ClosingQueries Closings() { return {store_.get(), &index_, &catalogue_, &as_of_}; }
  // What scores are made from.
  QueryFunction Figures() {
    return [this](const v1::QueryStatisticsRequest& request) { return Statistics().Query(request, Now()); };
  }

  const Clock& clock_;
  std::unique_ptr<storage::Store> store_;
  CurrentCatalogue catalogue_;
  FactIndex index_;
  MirrorIndex mirror_;
  AsOfFacts as_of_;
  ReadPool pool_;
  ReadPool report_pool_;
  MirrorKeeper mirror_keeper_;
  std::unique_ptr<ChangeFeed> feed_;
  std::unique_ptr<CommitPipeline> pipeline_;
  std::unique_ptr<FactSnapshotKeeper> snapshots_;
};

}  // namespace tthc::server
