#pragma once

#include "absl/time/time.h"
#include "client/portal_sim/portal.h"

namespace tthc::portal_sim {

// Everything behind the simulator's port: the portal's protocols, its page for people, and handles for tests.
//   GET  /                    what the portal believes; "?trang=2" the next page
//   GET  /hoso/{code}, /hoso/{system}/{code}
//   GET  /_sim/state.json     {"systems":{"dvcqg":{"dossiers":{"…":{"status":"4","record":{…},"steps":[…],…}}}}}, with
//                             "?he_thong=dvcqg" of one system
//   GET  /_sim/counts.json    SimCounts
//   POST /_sim/down           {"seconds":10}: refuses connections from now on for so long
//   POST /_sim/faults         {"faults":"busy=0.02"}: from now on; "" ends them
//   POST /_sim/refuse         {"code":"…"[,"message":"…"]} or {"code":"…","accept":true}
//   POST /_sim/online         {"system":"igate","procedure_code":"…","applicant":"…",…} as in Filing, or the page's
//                             form; answers {"code":"…"}, or sends back to the page
// Faults do not touch /, /hoso and /_sim; a portal that is down does.
SimResponse HandleSite(Portal* portal, const SimRequest& request, absl::Time now);

}  // namespace tthc::portal_sim
