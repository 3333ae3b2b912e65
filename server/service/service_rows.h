#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/call/read_pool.h"
#include "server/call/request_context.h"
#include "server/commit/commit_pipeline.h"
#include "server/service/method_table.h"
#include "storage/base/clock.h"

// How rows of the binding table are written: the policy is the name of the function, the types come from the handler.
//
//   ServiceRows rows(&table, executors, "tthc.v1.DossierService");
//   rows.Read("GetDossier", c.dossiers, &DossierQueries::Get);
//   rows.Write("AppendEvent", PrepareAppend, RunAppend);
//   rows.Stream("WatchChanges", [&c](const v1::WatchChangesRequest& request) { return c.changes->Watch(request); });
//
// Shapes of handlers. Where a stage takes (context, request), a function of the request alone will do, too.
//
//   query     (context, request) → StatusOr<Response>, or an object and its const method, which may take the present
//             time after the request.
//   write     up to three stages, of which the table runs each on its thread:
//     prepare   (context, request) → StatusOr<Command>: the checks that need no state, so that the commit thread does
//               not have to do them. On the calling thread, or on a pool if it looks things up.
//     run       (scope, command) → StatusOr<Made>: decides, on the commit thread.
//     answer    (made) → StatusOr<Response>: reads the answer on the read pool once the commit is durable. Left out if
//               Made is the Response.
//   stream    (context, request) → StatusOr<unique_ptr<ServerStream<Response>>>.
//
// What a write needs besides is read off its types: a member `validate_only` of the command, or a field of that name in
// the request, makes it a trial; `ByteSizeLong()` of the command counts, with the request, as what it holds while it
// waits.
//
// Ownership: what handlers and executors refer to outlives the table. A call keeps its state in one object that moves
// from stage to stage and holds the reply.
// Threads: one thread adds rows, while the service opens.
// Errors: the first stage that fails answers the call. A full queue answers RESOURCE_EXHAUSTED QUEUE_FULL, a stopped
// one UNAVAILABLE SHUTTING_DOWN, and a call that waited past its deadline DEADLINE_EXCEEDED DEADLINE_PASSED.
// Failure: if an answer stage fails, the write has taken effect. Clients repeat it with the same request id, or read.
namespace tthc::server {

// What rows run on. All outlive the table.
struct Executors {
  // Deadlines of calls and "now" of queries are on this clock.
  const Clock* clock = nullptr;
  // For reads, and for the answers of writes.
  ReadPool* reads = nullptr;
  // For what may take long.
  ReadPool* reports = nullptr;
  CommitPipeline* pipeline = nullptr;
};

// The rows of one service. Each function adds one row; it aborts if the service has no such method, or one with other
// types.
class ServiceRows {
 public:
  // `table` outlives this. Aborts if no linked proto file has such a service.
  ServiceRows(MethodTable* table, const Executors& executors, const char* service);

  // --- Queries: a function, or an object and its method ---

  // Answered at once on the calling thread, which must not block.
  template <typename... Query>
  void Memory(const char* method, Query&&... query);
  // On the read pool.
  template <typename... Query>
  void Read(const char* method, Query&&... query);
  // On the report threads.
  template <typename... Query>
  void Report(const char* method, Query&&... query);

  // --- Writes: prepare, run and perhaps answer ---

  // Prepares on the calling thread, which must not block.
  template <typename Prepare, typename Run, typename... Answer>
  void Write(const char* method, Prepare prepare, Run run, Answer... answer);
  // Prepares on the read pool.
  template <typename Prepare, typename Run, typename... Answer>
  void WriteAfterRead(const char* method, Prepare prepare, Run run, Answer... answer);
  // Prepares on the report threads.
  template <typename Prepare, typename Run, typename... Answer>
  void WriteAfterReport(const char* method, Prepare prepare, Run run, Answer... answer);

  // --- Others ---

  // For what fits no other shape: handler(context, request, reply), called on the calling thread, which must not block.
  // `policy` states what it does then.
  template <typename Handler>
  void Call(const char* method, MethodPolicy policy, Handler handler);
  // A server stream; `open` is called on the calling thread, which must not block.
  template <typename Open>
  void Stream(const char* method, Open open);

 private:
  // The method's descriptor; aborts as described above.
  const google::protobuf::MethodDescriptor* Find(const char* method, const google::protobuf::Descriptor* request,
                                                 const google::protobuf::Descriptor* response) const;
  // Adds a row whose handler is typed: handler(context, request, reply).
  template <typename Request, typename Response, typename Handler>
  void AddCall(const char* method, MethodPolicy policy, Handler handler);
  // `query` has the shape (context, request). Without a pool it runs on the calling thread.
  template <typename Query>
  void AddQuery(const char* method, MethodPolicy policy, ReadPool* pool, Query query);
  // `prepare` has the shape (context, request). Without a pool it runs on the calling thread.
  template <typename Prepare, typename Run>
  void AddWrite(const char* method, ReadPool* prepare_on, Prepare prepare, Run run);
  template <typename Prepare, typename Run, typename Answer>
  void AddWrite(const char* method, ReadPool* prepare_on, Prepare prepare, Run run, Answer answer);
  // finish(context, state) takes the state over once the commit is durable.
  template <typename State, typename Prepare, typename Run, typename Finish>
  void AddStages(const char* method, ReadPool* prepare_on, Prepare prepare, Run run, Finish finish);

  MethodTable* const table_;
  const Executors executors_;
  const google::protobuf::ServiceDescriptor* const service_;
};

// The function that calls a const method of `object`, for a stage of a write. `object` outlives the table.
template <typename Object, typename Class, typename R, typename... A>
auto Of(const Object& object, R (Class::*method)(A...) const);

// The prepare stage of a write that has nothing to check: the command is the request.
template <typename Request>
absl::StatusOr<const Request*> AsSent(const Request& request);

// A stream of a derived class as `open` returns it.
template <typename T>
absl::StatusOr<std::unique_ptr<ServerStream<T>>> StreamOf(std::unique_ptr<ServerStream<T>> stream);

}  // namespace tthc::server

#include "server/service/service_rows_inl.h"  // IWYU pragma: export
