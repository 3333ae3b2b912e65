#pragma once

#include "absl/time/time.h"
#include "client/portal_sim/portal.h"

// The requests that the simulator's port answers, by method and path: calls of the protocols go to the portal, all
// others are handled here. The paths under /_sim are for tests and demonstrations; they have no protection, which is
// why the server listens on this machine only by default.
//
// A control that is not as described is answered with HTTP 400 and a line of text, and changes nothing. Pure but for
// the portal; the caller holds the lock of the portal.
namespace tthc::portal_sim {

// Everything that the simulator's port serves: the portal's protocols, a page for people, and controls for tests.
//   GET  /                    the portal's state; "?trang=2" the next page
//   GET  /hoso/{code}, /hoso/{system}/{code}
//   GET  /_sim/state.json     {"systems":{"dvcqg":{"dossiers":{"…":{"status":"4","record":{…},"steps":[…],…}}}}}, with
//                             "?he_thong=dvcqg" of one system
//   GET  /_sim/counts.json    SimCounts
//   POST /_sim/down           {"seconds":10}: refuses connections for so long from now on
//   POST /_sim/faults         {"faults":"busy=0.02"}: sets the faults; "" ends them
//   POST /_sim/refuse         {"code":"…"[,"message":"…"]} or {"code":"…","accept":true}
//   POST /_sim/online         {"system":"igate","procedure_code":"…","applicant":"…",…} as in Filing, or the page's
//                             form; answers {"code":"…"}, or redirects to the page
// Faults do not apply to /, /hoso and /_sim; an outage does.
SimResponse HandleSite(Portal* portal, const SimRequest& request, absl::Time now);

}  // namespace tthc::portal_sim
