#pragma once

#include <atomic>
#include <memory>

#include "server/service/catalogue.h"
#include "server/service/fact_index.h"
#include "server/service/read_pool.h"
#include "server/service/request_context.h"
#include "storage/store.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// Folds every dossier again from its events, and compares what is stored of it and what the columns hold: one portion
// of limits::kVerifyPortion a message, on the read pool. What is recorded meanwhile is no difference.
class VerifyStream final : public ServerStream<v1::VerifyFactsResponse> {
 public:
  // All outlive the stream.
  VerifyStream(const storage::Store* store, const FactIndex* index, const CurrentCatalogue* catalogue, ReadPool* pool);
  ~VerifyStream() override;

  void Next(Reply<std::optional<v1::VerifyFactsResponse>> reply) override;
  void Cancel() override;

 private:
  struct State;
  // Shared with what is under way on the pool.
  std::shared_ptr<State> state_;
};

// The first field of the dossier's columns that differs from `fact`; empty if none does.
std::string FindColumnDifference(const FactIndex::View& facts, size_t row, const storage::v1::Fact& fact);

}  // namespace tthc::server
