#include "server/service/capabilities.h"

#include <string>
#include <utility>
#include <vector>

#include "server/facts/fact_loading.h"
#include "server/mirror/mirror_standing.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// What all figures are computed from.
StatisticsSources SourcesOf(Capabilities& c) {
  return {.store = c.store.get(),
          .index = &c.facts,
          .catalogue = &c.current_catalogue,
          .history = &c.history,
          .mirror = [&c] { return StandingsOf(c.mirror_index); }};
}

}  // namespace

Capabilities::Capabilities(std::unique_ptr<storage::Store> opened, const Service::Options& options,
                           std::shared_ptr<const domain::Catalogue> loaded)
    : clock(*options.clock),
      store(std::move(opened)),
      current_catalogue(std::move(loaded)),
      history(store.get(), &facts, &current_catalogue),
      reads(options.read_threads),
      reports(limits::kReportThreads),
      mirror_keeper(store.get(), &mirror_index, &reads),
      catalogue(&current_catalogue, store->store_id()),
      dossiers(store.get(), &facts, &current_catalogue),
      mirror({.clock = &clock,
              .store = store.get(),
              .facts = &facts,
              .index = &mirror_index,
              .keeper = &mirror_keeper,
              .catalogue = &current_catalogue}),
      statistics(SourcesOf(*this)),
      counted_dossiers(SourcesOf(*this)),
      report_06a(SourcesOf(*this)),
      scores(
          &current_catalogue, store->store_id(),
          [this](const v1::QueryStatisticsRequest& request, absl::Time now) { return statistics.Query(request, now); }),
      closings(SourcesOf(*this)),
      timeliness(&facts, &current_catalogue, [this](const v1::DossierFilter& filter, absl::Time now) {
        return dossiers.ToFactFilter(filter, now);
      }) {}

// The pipeline comes after the feed: its first commit calls ApplyCommit, which wakes the feed.
absl::Status Capabilities::Start(const Service::Options& options) {
  NameTable names;
  TTHC_RETURN_IF_ERROR(LoadViews(options, &names));
  changes = std::make_unique<ChangeFeed>(store.get(), &facts, &reads, &clock);
  pipeline = std::make_unique<CommitPipeline>(CommitPipeline::Options{
      .store = store.get(),
      .clock = &clock,
      .catalogue = current_catalogue.Get(),
      .names = std::move(names),
      .uid_source = options.uid_source,
      .on_committed = [this](const CommitPipeline::Committed& committed) { ApplyCommit(committed); }});
  mirror.SetPipeline(pipeline.get());
  // Counting goes on in the background; until it is done, the mirror's figures answer MIRROR_COUNTING.
  mirror_keeper.StartCounting();
  return absl::OkStatus();
}

absl::Status Capabilities::LoadViews(const Service::Options& options, NameTable* names) {
  const storage::StoreReader reader = store->Read();
  std::vector<std::pair<uint32_t, std::string>> all_names;
  TTHC_RETURN_IF_ERROR(reader.ScanNames([&](uint32_t number, const std::string& name) {
    names->Add(number, name);
    all_names.emplace_back(number, name);
  }));
  // Names before facts: columns hold numbers, which mean nothing without them.
  facts.Apply({}, all_names, store->head().revision());
  TTHC_ASSIGN_OR_RETURN(const int64_t snapshot_revision,
                        LoadFacts(*store, options.fact_snapshot_path, options.read_threads, facts));
  if (!options.fact_snapshot_path.empty()) {
    snapshots = std::make_unique<FactSnapshotKeeper>(FactSnapshotKeeper::Options{.path = options.fact_snapshot_path,
                                                                                 .store = store.get(),
                                                                                 .index = &facts,
                                                                                 .saved_revision = snapshot_revision});
  }
  mirror_index.Start(store->head());
  return reader.ScanMirrorTargets([this](const std::string& id, const storage::v1::MirrorTargetRecord& target) {
    mirror_index.AddTarget(id, target);
  });
}

void Capabilities::Shutdown() {
  // Writers first: watchers may still receive what they finish. The pools last: what the others end answers on them.
  if (pipeline != nullptr) pipeline->Stop();
  if (changes != nullptr) changes->Stop();
  mirror_keeper.Stop();
  reports.Stop();
  reads.Stop();
}

void Capabilities::SaveFacts() {
  if (snapshots != nullptr) snapshots->Stop();
}

Executors Capabilities::executors() {
  return {.clock = &clock, .reads = &reads, .reports = &reports, .pipeline = pipeline.get()};
}

void Capabilities::ApplyCommit(const CommitPipeline::Committed& committed) {
  facts.Apply(committed.facts, committed.new_names, committed.head.revision());
  if (committed.catalogue != nullptr) current_catalogue.Set(committed.catalogue);
  mirror.OnCommitted(committed);
  // Last: a watcher that is woken may ask any of the views at once.
  changes->OnCommitted();
}

}  // namespace tthc::server
