#include <utility>

#include "server/service/catalogue_commands.h"
#include "server/service/closing_queries.h"
#include "server/service/score_queries.h"
#include "server/service/service_impl.h"
#include "server/service/statistics_queries.h"
#include "server/service/verify.h"
#include "storage/base/status_macros.h"

// Service's methods of StatisticsService.
namespace tthc::server {

void Service::QueryStatistics(const RequestContext& context, const v1::QueryStatisticsRequest& request,
                              Reply<v1::QueryStatisticsResponse> reply) {
  impl_->Report<v1::QueryStatisticsResponse>(
      context, [impl = impl_.get(), request] { return impl->Statistics().Query(request, impl->Now()); },
      std::move(reply));
}

void Service::ListCountedDossiers(const RequestContext& context, const v1::ListCountedDossiersRequest& request,
                                  Reply<v1::ListCountedDossiersResponse> reply) {
  impl_->Report<v1::ListCountedDossiersResponse>(
      context, [impl = impl_.get(), request] { return impl->Statistics().ListCounted(request, impl->Now()); },
      std::move(reply));
}

void Service::GetReport06a(const RequestContext& context, const v1::GetReport06aRequest& request,
                           Reply<v1::Report06a> reply) {
  impl_->Report<v1::Report06a>(
      context, [impl = impl_.get(), request] { return impl->Statistics().Report(request, impl->Now()); },
      std::move(reply));
}

void Service::GetScores(const RequestContext& context, const v1::GetScoresRequest& request,
                        Reply<v1::GetScoresResponse> reply) {
  impl_->Report<v1::GetScoresResponse>(
      context,
      [impl = impl_.get(), request] {
        return server::GetScores(*impl->catalogue_.Get(), impl->Figures(), request, impl->Now());
      },
      std::move(reply));
}

void Service::GetPlanResults(const RequestContext& context, const v1::GetPlanResultsRequest& request,
                             Reply<v1::GetPlanResultsResponse> reply) {
  impl_->Report<v1::GetPlanResultsResponse>(
      context,
      [impl = impl_.get(), request] {
        return server::GetPlanResults(*impl->catalogue_.Get(), impl->Figures(), request, impl->Now());
      },
      std::move(reply));
}

void Service::ListSchemes(const RequestContext&, const v1::ListSchemesRequest&, Reply<v1::ListSchemesResponse> reply) {
  reply(server::ListSchemes(*impl_->catalogue_.Get()));
}

void Service::UpdateScheme(const RequestContext& context, const v1::UpdateSchemeRequest& request,
                           Reply<v1::Scheme> reply) {
  if (const absl::Status status = CheckUpdateScheme(request); !status.ok()) return reply(status);
  impl_->Write<v1::Scheme>(
      context, request.validate_only(), request.ByteSizeLong(),
      [request](CommitScope& scope) { return RunUpdateScheme(scope, request.scheme()); }, std::move(reply));
}

void Service::ClosePeriod(const RequestContext& context, const v1::ClosePeriodRequest& request,
                          Reply<v1::Closing> reply) {
  // The figures are read first; whatever is recorded before they are stored lies behind their revision.
  const auto shared_reply = std::make_shared<Reply<v1::Closing>>(std::move(reply));
  impl_->Report<v1::Closing>(
      context,
      [impl = impl_.get(), request, actor = context.caller.actor] {
        return impl->Closings().Prepare(request, actor, impl->Now());
      },
      [impl = impl_.get(), context, again = request.again(), shared_reply](absl::StatusOr<v1::Closing> closing) {
        if (!closing.ok()) return (*shared_reply)(closing.status());
        impl->Write<v1::Closing>(
            context, false, closing->ByteSizeLong(),
            [closing = *std::move(closing), again](CommitScope& scope) -> absl::StatusOr<v1::Closing> {
              if (!again) TTHC_RETURN_IF_ERROR(CheckNotClosed(scope.catalogue(), closing));
              return RunPutClosing(scope, closing);
            },
            [shared_reply](absl::StatusOr<v1::Closing> stored) { (*shared_reply)(std::move(stored)); });
      });
}

namespace {

// Hundreds of closings with their rows would be no answer but a book.
v1::Closing WithoutRows(v1::Closing closing) {
  closing.mutable_report()->clear_rows();
  return closing;
}

}  // namespace

void Service::ListClosings(const RequestContext&, const v1::ListClosingsRequest&,
                           Reply<v1::ListClosingsResponse> reply) {
  const auto catalogue = impl_->catalogue_.Get();
  v1::ListClosingsResponse response;
  const auto& closings = catalogue->closings();
  for (auto it = closings.rbegin(); it != closings.rend(); ++it) *response.add_closings() = WithoutRows(*it->second);
  reply(std::move(response));
}

void Service::CheckClosing(const RequestContext& context, const v1::CheckClosingRequest& request,
                           Reply<v1::CheckClosingResponse> reply) {
  impl_->Report<v1::CheckClosingResponse>(
      context, [impl = impl_.get(), request] { return impl->Closings().Check(request, impl->Now()); },
      std::move(reply));
}

absl::StatusOr<std::unique_ptr<ServerStream<v1::VerifyFactsResponse>>> Service::VerifyFacts(
    const RequestContext&, const v1::VerifyFactsRequest&) {
  return std::unique_ptr<ServerStream<v1::VerifyFactsResponse>>(
      std::make_unique<VerifyStream>(impl_->store_.get(), &impl_->index_, &impl_->catalogue_, &impl_->report_pool_));
}

}  // namespace tthc::server
