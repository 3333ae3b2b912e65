#pragma once

#include <atomic>
#include <memory>

#include "server/call/read_pool.h"
#include "server/call/request_context.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "storage/base/published.h"
#include "storage/store.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// VerifyFacts: folds every dossier again from its events and compares the result with every copy that is kept of it:
// the stored dossier, the stored fact, and the columns in memory. It writes and repairs nothing. Any difference is a
// defect of the software or damage on disk, and the figures of statistics can't be trusted until it is explained.
//
// One portion of limits::kVerifyPortion dossiers a message, computed on the pool when the reader asks for the next
// message, so that a slow reader costs nothing. What is recorded meanwhile is no difference: a dossier that changes
// while it is compared is compared again.
//
// Next is called by one caller at a time; Cancel by any thread. The state outlives the stream while a portion is being
// computed.
class VerifyStream final : public ServerStream<v1::VerifyFactsResponse> {
 public:
  // All outlive the stream. The number of dossiers is taken here: what is opened later is not verified.
  VerifyStream(const storage::Store* store, const FactIndex* index, const Published<domain::Catalogue>* catalogue,
               ReadPool* pool);
  ~VerifyStream() override;

  // The next portion, or nullopt after the last one, which says `done`. RESOURCE_EXHAUSTED QUEUE_FULL and UNAVAILABLE
  // SHUTTING_DOWN of the pool; DATA_LOSS if the store can't be read: a record that is damaged is no difference but an
  // error, and ends the stream.
  void Next(Reply<std::optional<v1::VerifyFactsResponse>> reply) override;
  // The portion on its way answers CANCELLED.
  void Cancel() override;

 private:
  struct State;
  // Shared with the task on the pool.
  std::shared_ptr<State> state_;
};

// Compares one row of the columns with what `fact` would fill in. The first field of the dossier's columns that differs
// from `fact`; empty if none does.
std::string FindColumnDifference(const FactIndex::View& facts, size_t row, const storage::v1::Fact& fact);

}  // namespace tthc::server
