#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace tthc::rpc {

// The metrics of one method. Thread-safe, and cheap enough for every call: atomic counters that are looked up once.
// Lives as long as the RpcMetrics that made it.
class MethodMetrics {
 public:
  MethodMetrics(std::string method, prometheus::Family<prometheus::Counter>* handled,
                prometheus::Family<prometheus::Counter>* messages, prometheus::Histogram* seconds,
                prometheus::Gauge* in_flight);

  // A call or stream begins. Ended follows exactly once.
  void Started() { in_flight_->Increment(); }
  // It ended with `code` after `took`. Takes no lock but the histogram's own.
  void Ended(absl::StatusCode code, absl::Duration took);
  // One command of a stream was acknowledged (OK) or refused.
  void MessageHandled(absl::StatusCode code) { handled_messages_.For(method_, code).Increment(); }

 private:
  // One counter for each code. Created when the code first occurs, because most codes never occur for a method, and
  // each would be a line in every scrape.
  class ByCode {
   public:
    explicit ByCode(prometheus::Family<prometheus::Counter>* family) : family_(family) {}
    prometheus::Counter& For(const std::string& method, absl::StatusCode code);

   private:
    prometheus::Family<prometheus::Counter>* family_;
    // By code; null until it first occurs.
    std::array<std::atomic<prometheus::Counter*>, 17> counters_{};
  };

  // The label `method`.
  const std::string method_;
  ByCode handled_calls_;
  ByCode handled_messages_;
  prometheus::Histogram* seconds_;
  prometheus::Gauge* in_flight_;
};

// Makes the metrics of the methods. The families belong to the process's registry:
//   tthc_rpc_handled_total{method,code}          calls and streams that ended
//   tthc_rpc_stream_messages_total{method,code}  commands of append streams
//   tthc_rpc_seconds{method}                     from arrival to answer (streams: to the end)
//   tthc_rpc_in_flight{method}                   calls and streams that are open
// `method` is "tthc.v1.DossierService/AppendEvent", `code` "OK", "NOT_FOUND", …
class RpcMetrics {
 public:
  // `registry` outlives this and all that it makes.
  explicit RpcMetrics(prometheus::Registry* registry);
  std::unique_ptr<MethodMetrics> ForMethod(const std::string& method);

 private:
  prometheus::Family<prometheus::Counter>* handled_;
  prometheus::Family<prometheus::Counter>* messages_;
  prometheus::Family<prometheus::Histogram>* seconds_;
  prometheus::Family<prometheus::Gauge>* in_flight_;
};

}  // namespace tthc::rpc
