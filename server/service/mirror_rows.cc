#include <utility>

#include "server/service/capabilities.h"

// The rows of MirrorService.
namespace tthc::server {
namespace {

// The overload of PrepareTargetChange for one type of request.
template <typename Request>
auto PrepareChange(const MirrorCalls& calls) {
  return [&calls](const RequestContext& context, const Request& request) {
    return calls.PrepareTargetChange(context, request);
  };
}

}  // namespace

void AddMirrorRows(MethodTable* table, Capabilities& capabilities) {
  ServiceRows rows(table, capabilities.executors(), "tthc.v1.MirrorService");
  const MirrorCalls& calls = capabilities.mirror;
  const MirrorQueries& queries = calls.queries();
  const auto run_change = Of(calls, &MirrorCalls::RunTargetChange);
  const auto answer_change = Of(calls, &MirrorCalls::AnswerTargetChange);

  rows.Read("ListMirrorTargets", queries, &MirrorQueries::ListTargets);
  rows.Read("GetMirrorTarget", queries, &MirrorQueries::GetTarget);
  rows.Write("PauseMirrorTarget", PrepareChange<v1::PauseMirrorTargetRequest>(calls), run_change, answer_change);
  rows.Write("ResumeMirrorTarget", PrepareChange<v1::ResumeMirrorTargetRequest>(calls), run_change, answer_change);
  rows.Write("RetireMirrorTarget", PrepareChange<v1::RetireMirrorTargetRequest>(calls), run_change, answer_change);
  // Looking for the first dossier of a new target scans the columns.
  rows.WriteAfterRead("AcquireMirrorTarget", Of(calls, &MirrorCalls::PrepareAcquire),
                      Of(calls, &MirrorCalls::RunAcquire), Of(calls, &MirrorCalls::AnswerAcquire));
  // Answers from memory; only the renewal that prolongs the lease on disk is a write.
  rows.Call("RenewMirrorTarget", MethodPolicy::kWrite,
            [&calls](const RequestContext& context, const v1::RenewMirrorTargetRequest& request,
                     Reply<v1::RenewMirrorTargetResponse> reply) { calls.Renew(context, request, std::move(reply)); });
  rows.Write("ReleaseMirrorTarget", Of(calls, &MirrorCalls::PrepareRelease), Of(calls, &MirrorCalls::RunRelease));
  rows.Read("ListMirrorDeliveries", queries, &MirrorQueries::ListDeliveries);
  rows.Write("RecordMirrorOutcomes", Of(calls, &MirrorCalls::PrepareOutcomes), Of(calls, &MirrorCalls::RunOutcomes));
  rows.Read("GetMirrorItem", queries, &MirrorQueries::GetItem);
  rows.Read("ListMirrorItems", queries, &MirrorQueries::ListItems);
  rows.WriteAfterRead("RetryMirrorItems", Of(calls, &MirrorCalls::PrepareRetry), Of(calls, &MirrorCalls::RunRetry));
  rows.WriteAfterRead("SkipMirrorItem", Of(calls, &MirrorCalls::PrepareSkip), Of(calls, &MirrorCalls::RunSkip),
                      Of(calls, &MirrorCalls::AnswerSkip));
}

}  // namespace tthc::server
