#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/read_pool.h"
#include "server/catalogue/catalogue_queries.h"
#include "server/changes/change_feed.h"
#include "server/commit/commit_pipeline.h"
#include "server/dossiers/dossier_queries.h"
#include "server/facts/fact_index.h"
#include "server/facts/fact_snapshot.h"
#include "server/facts/historical_facts.h"
#include "server/mirror/mirror_calls.h"
#include "server/mirror/mirror_index.h"
#include "server/mirror/mirror_keeper.h"
#include "server/service/method_table.h"
#include "server/service/service.h"
#include "server/service/service_rows.h"
#include "server/statistics/closing_queries.h"
#include "server/statistics/counted_dossier_queries.h"
#include "server/statistics/report_06a_queries.h"
#include "server/statistics/score_queries.h"
#include "server/statistics/statistics_queries.h"
#include "server/statistics/timeliness_queries.h"
#include "storage/base/published.h"

// What a Service owns: the views in memory, the queries of every capability, and the threads. Only the files of this
// room include it: Service, which builds it, and the files whose rows call it.
namespace tthc::server {

// Threads: the members are thread-safe, each as its header says. Start and Shutdown are called by one thread.
struct Capabilities {
  Capabilities(std::unique_ptr<storage::Store> opened, const Service::Options& options,
               std::shared_ptr<const domain::Catalogue> loaded);

  // Loads the facts and the mirror's targets, then starts what has threads. Nothing may be called before. Errors of the
  // store.
  absl::Status Start(const Service::Options& options);
  // Stops accepting work, finishes what was accepted, ends streams. Blocks; idempotent.
  void Shutdown();
  // Saves the snapshot of the facts, so that the next start need not read all dossiers. After Shutdown; may take
  // seconds.
  void SaveFacts();

  absl::Time Now() const { return clock.Now(); }
  // What rows run on. After Start.
  Executors executors();

  // Members are in the order in which they need each other: each refers only to those above it.

  const Clock& clock;
  const std::unique_ptr<storage::Store> store;

  // Views in memory, which ApplyCommit keeps up to date. Everything that reads gets them by pointer.
  Published<domain::Catalogue> current_catalogue;
  FactIndex facts;
  MirrorIndex mirror_index;

  // Facts of earlier points of the history, for figures as of then.
  HistoricalFactsCache history;

  // Threads for reads that may touch the disk, and for figures, which may take long and must not delay a look-up.
  ReadPool reads;
  ReadPool reports;
  // Work on the mirror that no call waits for.
  MirrorKeeper mirror_keeper;

  // Queries keep no state: they refer to the store and the views.
  const CatalogueQueries catalogue;
  const DossierQueries dossiers;
  // Queries and commands of the mirror.
  MirrorCalls mirror;
  const StatisticsQueries statistics;
  const CountedDossierQueries counted_dossiers;
  const Report06aQueries report_06a;
  const ScoreQueries scores;
  const ClosingQueries closings;
  const TimelinessQueries timeliness;

  // Set by Start, because they begin to work at once and need the loaded views.
  std::unique_ptr<ChangeFeed> changes;
  // The one writer; calls ApplyCommit.
  std::unique_ptr<CommitPipeline> pipeline;
  // Saves the snapshot from time to time; null without a file.
  std::unique_ptr<FactSnapshotKeeper> snapshots;

 private:
  // Loads names, facts and the targets of the mirror; `names` gets all names, for the commit thread.
  absl::Status LoadViews(const Service::Options& options, NameTable* names);
  // Brings the views up to date with one commit. On the commit thread, after the durable sync and before anyone is
  // answered, so that each caller reads its own writes.
  void ApplyCommit(const CommitPipeline::Committed& committed);
};

// The rows of the binding table, by service. `capabilities` outlive the table and have been started.
void AddDossierRows(MethodTable* table, Capabilities& capabilities);
void AddCatalogueRows(MethodTable* table, Capabilities& capabilities);
void AddDueTimeRows(MethodTable* table, Capabilities& capabilities);
void AddChangeRows(MethodTable* table, Capabilities& capabilities);
void AddReportRows(MethodTable* table, Capabilities& capabilities);
void AddStatisticsRows(MethodTable* table, Capabilities& capabilities);
void AddMirrorRows(MethodTable* table, Capabilities& capabilities);

}  // namespace tthc::server
