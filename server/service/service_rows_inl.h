#pragma once

// The templates of service_rows.h; included by it alone.

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/service/service_rows.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace rows {

// The result and the arguments of a function, a method or a lambda.
template <typename F>
struct SignatureOf : SignatureOf<decltype(&F::operator())> {};
template <typename R, typename... A>
struct SignatureOf<R (*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<std::decay_t<A>...>;
  template <size_t i>
  using Argument = std::tuple_element_t<i, Arguments>;
};
template <typename C, typename R, typename... A>
struct SignatureOf<R (C::*)(A...) const> : SignatureOf<R (*)(A...)> {};

// T of a function that returns StatusOr<T>.
template <typename F>
using ResultOf = typename SignatureOf<F>::Result::value_type;
// The request of a function (context, request, …), without reference and const.
template <typename F>
using RequestOf = typename SignatureOf<F>::template Argument<1>;

// T of a Reply<T>: the type of the answer.
template <typename R>
struct RepliedBy;
template <typename T>
struct RepliedBy<absl::AnyInvocable<void(absl::StatusOr<T>)>> {
  using Response = T;
};
// T of a unique_ptr<ServerStream<T>>.
template <typename T>
struct StreamedBy;
template <typename T>
struct StreamedBy<std::unique_ptr<ServerStream<T>>> {
  using Response = T;
};

// Brings every shape of a handler into the one (context, request).
template <typename F>
auto Bind(const Clock*, F f) {
  using Signature = SignatureOf<F>;
  if constexpr (std::tuple_size_v<typename Signature::Arguments> == 2) {
    return f;
  } else {
    using Request = typename Signature::template Argument<0>;
    return [f = std::move(f)](const RequestContext&, const Request& request) { return f(request); };
  }
}
template <typename Object, typename Class, typename Request, typename T>
auto Bind(const Clock*, Object& object, absl::StatusOr<T> (Class::*method)(const Request&) const) {
  return [&object, method](const RequestContext&, const Request& request) { return (object.*method)(request); };
}
template <typename Object, typename Class, typename Request, typename T>
auto Bind(const Clock* clock, Object& object,
          absl::StatusOr<T> (Class::*method)(const Request&, absl::Time now) const) {
  return [clock, &object, method](const RequestContext&, const Request& request) {
    return (object.*method)(request, clock->Now());
  };
}
template <typename Object, typename Class, typename Request, typename T>
auto Bind(const Clock*, Object& object,
          absl::StatusOr<T> (Class::*method)(const RequestContext&, const Request&) const) {
  return [&object, method](const RequestContext& context, const Request& request) {
    return (object.*method)(context, request);
  };
}

// Calls task(OK) on a thread of `pool`, or task(why not) if it must not begin; the latter perhaps on this thread.
void RunOnPool(ReadPool& pool, const Clock& clock, absl::Time deadline, absl::AnyInvocable<void(absl::Status)> task);

// A write from its arrival to its answer.
template <typename Command, typename MadeByRun, typename Response>
struct WriteState {
  Command command;
  MadeByRun made = {};
  Reply<Response> reply;
};

// Queues a command whose state moves along: `run` decides on the commit thread, `finish` takes the state over after the
// durable sync. An error answers the call.
template <typename State, typename Run, typename Finish>
void Submit(CommitPipeline& pipeline, absl::Time deadline, bool validate_only, size_t bytes,
            std::unique_ptr<State> state, const Run& run, Finish finish) {
  // `done` owns the state and is destroyed together with `run`, so that the pointer is valid whenever `run` is called.
  State* const raw = state.get();
  CommitPipeline::Command command{
      .run = [raw, &run](CommitScope& scope) -> absl::Status {
        TTHC_ASSIGN_OR_RETURN(raw->made, run(scope, raw->command));
        return absl::OkStatus();
      },
      .done =
          [state = std::move(state), finish = std::move(finish)](const absl::Status& status) mutable {
            if (!status.ok()) return state->reply(status);
            finish(std::move(state));
          },
      .validate_only = validate_only,
      .bytes = bytes,
      .deadline = deadline};
  const absl::Status queued = pipeline.Submit(std::move(command));
  // A command that was refused is left as it was, and with it the state.
  if (!queued.ok()) raw->reply(queued);
}

// Whether nothing is to be kept of it: the command knows, or the request says so.
template <typename Command, typename Request>
bool IsTrial(const Command& command, const Request& request) {
  if constexpr (requires { command.validate_only; }) {
    return command.validate_only;
  } else if constexpr (requires { request.validate_only(); }) {
    return request.validate_only();
  } else {
    return false;
  }
}

// What a command holds while it waits. The queue is bounded in bytes, so that large commands cannot exhaust memory.
template <typename Command, typename Request>
size_t BytesOf(const Command& command, const Request& request) {
  if constexpr (requires { command.ByteSizeLong(); }) {
    return request.ByteSizeLong() + command.ByteSizeLong();
  } else {
    return request.ByteSizeLong();
  }
}

// A ServerStream<T> without its type. Each message lives for the time of the reply that hands it on.
template <typename T>
class UntypedStream final : public MessageStream {
 public:
  explicit UntypedStream(std::unique_ptr<ServerStream<T>> stream) : stream_(std::move(stream)) {}

  void Next(MessageReply reply) override {
    stream_->Next([reply = std::move(reply)](absl::StatusOr<std::optional<T>> next) mutable {
      if (!next.ok()) return reply(next.status());
      reply(next->has_value() ? &**next : nullptr);
    });
  }
  void Cancel() override { stream_->Cancel(); }

 private:
  const std::unique_ptr<ServerStream<T>> stream_;
};

}  // namespace rows

template <typename... Query>
void ServiceRows::Memory(const char* method, Query&&... query) {
  AddQuery(method, MethodPolicy::kMemory, nullptr, rows::Bind(executors_.clock, std::forward<Query>(query)...));
}

template <typename... Query>
void ServiceRows::Read(const char* method, Query&&... query) {
  AddQuery(method, MethodPolicy::kRead, executors_.reads, rows::Bind(executors_.clock, std::forward<Query>(query)...));
}

template <typename... Query>
void ServiceRows::Report(const char* method, Query&&... query) {
  AddQuery(method, MethodPolicy::kReport, executors_.reports,
           rows::Bind(executors_.clock, std::forward<Query>(query)...));
}

template <typename Prepare, typename Run, typename... Answer>
void ServiceRows::Write(const char* method, Prepare prepare, Run run, Answer... answer) {
  AddWrite(method, nullptr, rows::Bind(executors_.clock, std::move(prepare)), std::move(run), std::move(answer)...);
}

template <typename Prepare, typename Run, typename... Answer>
void ServiceRows::WriteAfterRead(const char* method, Prepare prepare, Run run, Answer... answer) {
  AddWrite(method, executors_.reads, rows::Bind(executors_.clock, std::move(prepare)), std::move(run),
           std::move(answer)...);
}

template <typename Prepare, typename Run, typename... Answer>
void ServiceRows::WriteAfterReport(const char* method, Prepare prepare, Run run, Answer... answer) {
  AddWrite(method, executors_.reports, rows::Bind(executors_.clock, std::move(prepare)), std::move(run),
           std::move(answer)...);
}

template <typename Handler>
void ServiceRows::Call(const char* method, MethodPolicy policy, Handler handler) {
  using Response = typename rows::RepliedBy<typename rows::SignatureOf<Handler>::template Argument<2>>::Response;
  AddCall<rows::RequestOf<Handler>, Response>(method, policy, std::move(handler));
}

template <typename Open>
void ServiceRows::Stream(const char* method, Open open) {
  auto bound = rows::Bind(executors_.clock, std::move(open));
  // Opening is fast; messages are made on the stream's own threads.
  using Request = rows::RequestOf<decltype(bound)>;
  using Response = typename rows::StreamedBy<rows::ResultOf<decltype(bound)>>::Response;
  table_->Add(
      {.descriptor = Find(method, Request::descriptor(), Response::descriptor()),
       .policy = MethodPolicy::kStream,
       .open = [bound = std::move(bound)](const RequestContext& context, const google::protobuf::Message& request)
           -> absl::StatusOr<std::unique_ptr<MessageStream>> {
         auto stream = bound(context, static_cast<const Request&>(request));
         if (!stream.ok()) return stream.status();
         return std::unique_ptr<MessageStream>(std::make_unique<rows::UntypedStream<Response>>(*std::move(stream)));
       }});
}

template <typename Request, typename Response, typename Handler>
void ServiceRows::AddCall(const char* method, MethodPolicy policy, Handler handler) {
  table_->Add({.descriptor = Find(method, Request::descriptor(), Response::descriptor()),
               .policy = policy,
               .call = [handler = std::move(handler)](const RequestContext& context,
                                                      const google::protobuf::Message& request, MessageReply reply) {
                 // Find has checked the types, so the casts are safe. The answer lives on the handler's stack: replies
                 // must not block, and take what they need before they return.
                 handler(context, static_cast<const Request&>(request),
                         [reply = std::move(reply)](absl::StatusOr<Response> answer) mutable {
                           if (!answer.ok()) return reply(answer.status());
                           reply(&*answer);
                         });
               }});
}

template <typename Query>
void ServiceRows::AddQuery(const char* method, MethodPolicy policy, ReadPool* pool, Query query) {
  using Request = rows::RequestOf<Query>;
  using Response = rows::ResultOf<Query>;
  AddCall<Request, Response>(method, policy,
                             [clock = executors_.clock, pool, query = std::move(query)](
                                 const RequestContext& context, const Request& request, Reply<Response> reply) {
                               if (pool == nullptr) return reply(query(context, request));
                               // The request needs no copy: it is valid until the reply is called.
                               rows::RunOnPool(
                                   *pool, *clock, context.deadline,
                                   [&query, context, &request, reply = std::move(reply)](absl::Status status) mutable {
                                     if (!status.ok()) return reply(std::move(status));
                                     reply(query(context, request));
                                   });
                             });
}

template <typename Prepare, typename Run>
void ServiceRows::AddWrite(const char* method, ReadPool* prepare_on, Prepare prepare, Run run) {
  using State = rows::WriteState<rows::ResultOf<Prepare>, rows::ResultOf<Run>, rows::ResultOf<Run>>;
  AddStages<State>(method, prepare_on, std::move(prepare), std::move(run),
                   [](const RequestContext&, std::unique_ptr<State> state) { state->reply(std::move(state->made)); });
}

template <typename Prepare, typename Run, typename Answer>
void ServiceRows::AddWrite(const char* method, ReadPool* prepare_on, Prepare prepare, Run run, Answer answer) {
  using State = rows::WriteState<rows::ResultOf<Prepare>, rows::ResultOf<Run>, rows::ResultOf<Answer>>;
  AddStages<State>(
      method, prepare_on, std::move(prepare), std::move(run),
      [executors = executors_, answer = std::move(answer)](const RequestContext&, std::unique_ptr<State> state) {
        // The write stands whatever happens here. The deadline is not checked any more: its error would
        // say that nothing was done.
        rows::RunOnPool(*executors.reads, *executors.clock, absl::InfiniteFuture(),
                        [&answer, state = std::move(state)](absl::Status status) mutable {
                          if (!status.ok()) return state->reply(std::move(status));
                          state->reply(answer(state->made));
                        });
      });
}

template <typename State, typename Prepare, typename Run, typename Finish>
void ServiceRows::AddStages(const char* method, ReadPool* prepare_on, Prepare prepare, Run run, Finish finish) {
  using Request = rows::RequestOf<Prepare>;
  using Response = typename rows::RepliedBy<decltype(State::reply)>::Response;
  // The stages refer to the row's handler and not to copies of it: rows stay where they are.
  AddCall<Request, Response>(
      method, MethodPolicy::kWrite,
      [executors = executors_, prepare_on, prepare = std::move(prepare), run = std::move(run),
       finish = std::move(finish)](const RequestContext& context, const Request& request, Reply<Response> reply) {
        auto begin = [&executors, &prepare, &run, &finish, context, &request,
                      reply = std::move(reply)](absl::Status status) mutable {
          if (!status.ok()) return reply(std::move(status));
          auto command = prepare(context, request);
          if (!command.ok()) return reply(command.status());
          // Before the command is moved into the state.
          const bool is_trial = rows::IsTrial(*command, request);
          const size_t bytes = rows::BytesOf(*command, request);
          std::unique_ptr<State> state(new State{.command = *std::move(command), .reply = std::move(reply)});
          const absl::Time deadline = context.deadline;
          rows::Submit(*executors.pipeline, deadline, is_trial, bytes, std::move(state), run,
                       [&finish, context = std::move(context)](std::unique_ptr<State> done) {
                         finish(context, std::move(done));
                       });
        };
        if (prepare_on == nullptr) return begin(absl::OkStatus());
        rows::RunOnPool(*prepare_on, *executors.clock, context.deadline, std::move(begin));
      });
}

template <typename Object, typename Class, typename R, typename... A>
auto Of(const Object& object, R (Class::*method)(A...) const) {
  return [&object, method](A... arguments) -> R { return (object.*method)(std::forward<A>(arguments)...); };
}

template <typename Request>
absl::StatusOr<const Request*> AsSent(const Request& request) {
  return &request;
}

template <typename T>
absl::StatusOr<std::unique_ptr<ServerStream<T>>> StreamOf(std::unique_ptr<ServerStream<T>> stream) {
  return stream;
}

}  // namespace tthc::server
