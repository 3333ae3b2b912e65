#include "server/rpc/metrics.h"

#include <utility>

namespace tthc::rpc {
namespace {

// Bounds from an answer out of memory (0.1 ms) to the longest deadline (60 s), about three for each power of ten.
const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const auto* const buckets = new prometheus::Histogram::BucketBoundaries{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60};
  return *buckets;
}

}  // namespace

prometheus::Counter& MethodMetrics::ByCode::For(const std::string& method, absl::StatusCode code) {
  size_t index = static_cast<size_t>(code);
  if (index >= counters_.size()) index = static_cast<size_t>(absl::StatusCode::kUnknown);
  prometheus::Counter* counter = counters_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may do this at once: adding the same labels twice returns the same counter.
    const std::string name = absl::StatusCodeToString(static_cast<absl::StatusCode>(index));
    counter = &family_->Add({{"method", method}, {"code", name}});
    counters_[index].store(counter, std::memory_order_release);
  }
  return *counter;
}

MethodMetrics::MethodMetrics(std::string method, prometheus::Family<prometheus::Counter>* handled,
                             prometheus::Family<prometheus::Counter>* messages, prometheus::Histogram* seconds,
                             prometheus::Gauge* in_flight)
    : method_(std::move(method)),
      handled_calls_(handled),
      handled_messages_(messages),
      seconds_(seconds),
      in_flight_(in_flight) {}

// In flight first: a scrape in between may miss a call, but never counts one twice.
void MethodMetrics::Ended(absl::StatusCode code, absl::Duration took) {
  in_flight_->Decrement();
  handled_calls_.For(method_, code).Increment();
  seconds_->Observe(absl::ToDoubleSeconds(took));
}

RpcMetrics::RpcMetrics(prometheus::Registry* registry)
    : handled_(&prometheus::BuildCounter()
                    .Name("tthc_rpc_handled_total")
                    .Help("Calls and streams that ended, by method and code.")
                    .Register(*registry)),
      messages_(&prometheus::BuildCounter()
                     .Name("tthc_rpc_stream_messages_total")
                     .Help("Commands of append streams, by method and code.")
                     .Register(*registry)),
      seconds_(&prometheus::BuildHistogram()
                    .Name("tthc_rpc_seconds")
                    .Help("Seconds from arrival to answer; of streams, to the end.")
                    .Register(*registry)),
      in_flight_(&prometheus::BuildGauge()
                      .Name("tthc_rpc_in_flight")
                      .Help("Calls and streams that are open.")
                      .Register(*registry)) {}

std::unique_ptr<MethodMetrics> RpcMetrics::ForMethod(const std::string& method) {
  return std::make_unique<MethodMetrics>(method, handled_, messages_,
                                         &seconds_->Add({{"method", method}}, SecondsBuckets()),
                                         &in_flight_->Add({{"method", method}}));
}

}  // namespace tthc::rpc
