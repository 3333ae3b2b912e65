#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/terminal/messages.h"

// Texts about the mirror that tthc and tthc-sync share, and the display of bytes that came from a target. Pure;
// thread-safe.
namespace tthc::terminal {

// The reasons (MirrorError.reason) for which tthc-sync parks dossiers, as typed for --reason.
std::vector<std::string> MirrorReasons();
// "hệ thống nhận từ chối" for REFUSED. An unknown reason is returned unchanged.
std::string MirrorReasonLabel(const std::string& reason, Lang lang);
// One sentence: what a person can do about a dossier that is parked for this reason. "" for unknown reasons.
std::string MirrorAdvice(const std::string& reason, Lang lang);
// "không trả lời (NO_ANSWER)" for "NO_ANSWER": the error of a target as a whole (MirrorCondition.error, which is a
// reason, perhaps followed by the target's code). Unknown errors are returned unchanged.
std::string MirrorTroubleLabel(const std::string& error, Lang lang);
// "từ chối" for "refused": MirrorExchange.outcome in words. English has the word itself.
std::string MirrorOutcomeLabel(const std::string& outcome, Lang lang);

// An elapsed time in its two greatest units: "3 ngày 2 giờ", "45 giây"; "0 giây" for zero and less. A day has 24 hours.
std::string FormatElapsed(absl::Duration elapsed, Lang lang);
// A share of 0 to 1 as a percentage with two decimals, truncated: only 1 itself is "100,00 %".
std::string FormatShare(double share, Lang lang);

// Makes bytes that somebody else sent safe to print: valid UTF-8 without control characters, which could move the
// cursor or change text that was printed before. Line breaks and tabs stay; every other control character becomes "·".
std::string HarmlessText(absl::string_view bytes);
// The body of a call for people: JSON is indented; then as HarmlessText.
std::string LayOutBody(absl::string_view bytes);

}  // namespace tthc::terminal
