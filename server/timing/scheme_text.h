#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/statistics.pb.h"

// A scheme of evaluation as a text that people edit, such as deploy/data/schemes/qd766-2022.textproto. Pure;
// thread-safe.
namespace tthc::timing {

// Protocol buffer text format of one v1::Scheme. Says nothing about whether the scheme makes sense: CheckScheme does.
// INVALID_ARGUMENT SCHEME_MALFORMED with metadata "line" and "column", both from 1.
absl::StatusOr<v1::Scheme> ParseSchemeText(absl::string_view text);

}  // namespace tthc::timing
