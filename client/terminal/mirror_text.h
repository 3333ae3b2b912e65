#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/messages.h"

// Small texts about the mirror. Pure; thread-safe.
namespace tthc::cli {

// Reasons (MirrorError.reason) that tthc-sync parks dossiers for, as typed for --reason.
std::vector<std::string> MirrorReasons();
// "hệ thống nhận từ chối" of REFUSED; a reason that is not known comes back as it is, none as "".
std::string MirrorReasonLabel(const std::string& reason, Lang lang);
// What a person can do about a dossier that is parked for it, one sentence; "" for reasons that are not known.
std::string MirrorAdvice(const std::string& reason, Lang lang);
// "không trả lời (NO_ANSWER)" of "NO_ANSWER", what a target as a whole is in trouble with (MirrorCondition.error: a
// reason, and perhaps the target's code); what is not known as it is.
std::string MirrorTroubleLabel(const std::string& error, Lang lang);
// "từ chối" of "refused": MirrorExchange.outcome in words.
std::string MirrorOutcomeLabel(const std::string& outcome, Lang lang);

// A stretch of the wall clock in its two greatest units: "3 ngày 2 giờ", "45 giây"; "0 giây" for none. Days of 24
// hours.
std::string FormatElapsed(absl::Duration elapsed, Lang lang);
// 99.9 of 100 is never "100,00 %": cut, not rounded.
std::string FormatShare(double share, Lang lang);

// What a terminal can show of bytes that someone else has sent: valid UTF-8 without control characters but line breaks
// and tabs, which would move the cursor or change what stands before them.
std::string HarmlessText(absl::string_view bytes);
// Body of a call for people: JSON laid out, everything else as HarmlessText.
std::string LayOutBody(absl::string_view bytes);

}  // namespace tthc::cli
