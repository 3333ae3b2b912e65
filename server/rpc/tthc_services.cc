#include "server/rpc/tthc_services.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tthc::rpc {
namespace {

using server::Reply;
using server::RequestContext;
using server::Service;

// Ties methods of the wire to those of the service by their types alone.
class Binder {
 public:
  Binder(const char* name, Adapter* adapter, Service* service)
      : service_(service),
        rpc_(std::make_unique<RpcService>(
            google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(absl::StrCat("tthc.v1.", name)),
            adapter)) {}

  template <typename Request, typename Response>
  void Unary(const char* name, void (Service::*method)(const RequestContext&, const Request&, Reply<Response>)) {
    rpc_->AddUnary<Request, Response>(
        name,
        [service = service_, method](const RequestContext& context, const Request& request, Reply<Response> reply) {
          (service->*method)(context, request, std::move(reply));
        });
  }

  template <typename Request, typename Response>
  void Stream(const char* name, absl::StatusOr<std::unique_ptr<server::ServerStream<Response>>> (Service::*method)(
                                    const RequestContext&, const Request&)) {
    rpc_->AddServerStream<Request, Response>(
        name, [service = service_, method](const RequestContext& context, const Request& request) {
          return (service->*method)(context, request);
        });
  }

  void Append(const char* name) {
    rpc_->AddAppendStream(name,
                          [service = service_](const RequestContext& context, const v1::StreamAppendRequest& request,
                                               Reply<v1::StreamAppendResponse> reply) {
                            service->StreamAppend(context, request, std::move(reply));
                          });
  }

  std::unique_ptr<RpcService> Finish() {
    rpc_->CheckComplete();
    return std::move(rpc_);
  }

 private:
  Service* const service_;
  std::unique_ptr<RpcService> rpc_;
};

std::unique_ptr<RpcService> MakeDossierService(Adapter* adapter, Service* service) {
  Binder bind("DossierService", adapter, service);
  bind.Unary("CreateDossier", &Service::CreateDossier);
  bind.Unary("GetDossier", &Service::GetDossier);
  bind.Unary("ListDossiers", &Service::ListDossiers);
  bind.Unary("BatchGetDossiers", &Service::BatchGetDossiers);
  bind.Unary("AppendEvent", &Service::AppendEvent);
  bind.Unary("BatchAppendEvents", &Service::BatchAppendEvents);
  bind.Unary("ListEvents", &Service::ListEvents);
  bind.Append("StreamAppend");
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeCatalogueService(Adapter* adapter, Service* service) {
  Binder bind("CatalogueService", adapter, service);
  bind.Unary("GetProcedure", &Service::GetProcedure);
  bind.Unary("ListProcedures", &Service::ListProcedures);
  bind.Unary("UpdateProcedure", &Service::UpdateProcedure);
  bind.Unary("ListOffices", &Service::ListOffices);
  bind.Unary("UpdateOffices", &Service::UpdateOffices);
  bind.Unary("GetCalendar", &Service::GetCalendar);
  bind.Unary("ListCalendars", &Service::ListCalendars);
  bind.Unary("CreateCalendar", &Service::CreateCalendar);
  bind.Stream("RecomputeDueTimes", &Service::RecomputeDueTimes);
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeDueTimeService(Adapter* adapter, Service* service) {
  Binder bind("DueTimeService", adapter, service);
  bind.Unary("PreviewDueTime", &Service::PreviewDueTime);
  bind.Unary("ExplainDueTime", &Service::ExplainDueTime);
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeChangeService(Adapter* adapter, Service* service) {
  Binder bind("ChangeService", adapter, service);
  bind.Unary("ListChanges", &Service::ListChanges);
  bind.Stream("WatchChanges", &Service::WatchChanges);
  bind.Unary("CompactChanges", &Service::CompactChanges);
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeReportService(Adapter* adapter, Service* service) {
  Binder bind("ReportService", adapter, service);
  bind.Unary("ListLateDossiers", &Service::ListLateDossiers);
  bind.Unary("ListDueSoonDossiers", &Service::ListDueSoonDossiers);
  bind.Unary("SummarizeTimeliness", &Service::SummarizeTimeliness);
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeStatisticsService(Adapter* adapter, Service* service) {
  Binder bind("StatisticsService", adapter, service);
  bind.Unary("QueryStatistics", &Service::QueryStatistics);
  bind.Unary("ListCountedDossiers", &Service::ListCountedDossiers);
  bind.Unary("GetReport06a", &Service::GetReport06a);
  bind.Unary("GetScores", &Service::GetScores);
  bind.Unary("GetPlanResults", &Service::GetPlanResults);
  bind.Unary("ListSchemes", &Service::ListSchemes);
  bind.Unary("UpdateScheme", &Service::UpdateScheme);
  bind.Unary("ClosePeriod", &Service::ClosePeriod);
  bind.Unary("ListClosings", &Service::ListClosings);
  bind.Unary("CheckClosing", &Service::CheckClosing);
  bind.Stream("VerifyFacts", &Service::VerifyFacts);
  return bind.Finish();
}

std::unique_ptr<RpcService> MakeMirrorService(Adapter* adapter, Service* service) {
  Binder bind("MirrorService", adapter, service);
  bind.Unary("ListMirrorTargets", &Service::ListMirrorTargets);
  bind.Unary("GetMirrorTarget", &Service::GetMirrorTarget);
  bind.Unary("UpdateMirrorTarget", &Service::UpdateMirrorTarget);
  bind.Unary("AcquireMirrorTarget", &Service::AcquireMirrorTarget);
  bind.Unary("RenewMirrorTarget", &Service::RenewMirrorTarget);
  bind.Unary("ReleaseMirrorTarget", &Service::ReleaseMirrorTarget);
  bind.Unary("ListMirrorDeliveries", &Service::ListMirrorDeliveries);
  bind.Unary("RecordMirrorOutcomes", &Service::RecordMirrorOutcomes);
  bind.Unary("ListMirrorItems", &Service::ListMirrorItems);
  bind.Unary("GetMirrorItems", &Service::GetMirrorItems);
  bind.Unary("RetryMirrorItems", &Service::RetryMirrorItems);
  bind.Unary("SkipMirrorItem", &Service::SkipMirrorItem);
  return bind.Finish();
}

}  // namespace

std::vector<std::unique_ptr<RpcService>> MakeTthcServices(Adapter* adapter, Service* service) {
  std::vector<std::unique_ptr<RpcService>> services;
  services.push_back(MakeDossierService(adapter, service));
  services.push_back(MakeCatalogueService(adapter, service));
  services.push_back(MakeDueTimeService(adapter, service));
  services.push_back(MakeChangeService(adapter, service));
  services.push_back(MakeReportService(adapter, service));
  services.push_back(MakeStatisticsService(adapter, service));
  services.push_back(MakeMirrorService(adapter, service));
  return services;
}

}  // namespace tthc::rpc
