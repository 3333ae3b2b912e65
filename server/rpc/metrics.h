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

// Counts of one method. Thread-safe; lives as long as the RpcMetrics that made it.
class MethodMetrics {
 public:
  MethodMetrics(std::string method, prometheus::Family<prometheus::Counter>* handled,
                prometheus::Family<prometheus::Counter>* messages, prometheus::Histogram* seconds,
                prometheus::Gauge* in_flight);

  void Started() { in_flight_->Increment(); }
  // Takes no lock on the way but the histogram's own.
  void Ended(absl::StatusCode code, absl::Duration took);
  // One acknowledged or refused command of a stream.
  void MessageHandled(absl::StatusCode code) { handled_messages_.For(method_, code).Increment(); }

 private:
  // A series per code that has happened: most never do.
  class ByCode {
   public:
    explicit ByCode(prometheus::Family<prometheus::Counter>* family) : family_(family) {}
    prometheus::Counter& For(const std::string& method, absl::StatusCode code);

   private:
    prometheus::Family<prometheus::Counter>* family_;
    std::array<std::atomic<prometheus::Counter*>, 17> counters_{};
  };

  const std::string method_;
  ByCode handled_calls_;
  ByCode handled_messages_;
  prometheus::Histogram* seconds_;
  prometheus::Gauge* in_flight_;
};

// The families of the RPC room in the process's registry:
//   tthc_rpc_handled_total{method,code}          calls and streams that ended
//   tthc_rpc_stream_messages_total{method,code}  commands of append streams
//   tthc_rpc_seconds{method}                     from arrival to answer (streams: to the end)
//   tthc_rpc_in_flight{method}                   calls and streams that are open
// `method` is "tthc.v1.DossierService/AppendEvent", `code` "OK", "NOT_FOUND", …
class RpcMetrics {
 public:
  // `registry` outlives this.
  explicit RpcMetrics(prometheus::Registry* registry);
  std::unique_ptr<MethodMetrics> ForMethod(const std::string& method);

 private:
  prometheus::Family<prometheus::Counter>* handled_;
  prometheus::Family<prometheus::Counter>* messages_;
  prometheus::Family<prometheus::Histogram>* seconds_;
  prometheus::Family<prometheus::Gauge>* in_flight_;
};

}  // namespace tthc::rpc
