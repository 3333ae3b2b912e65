#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Passing errors on: a function that can fail returns absl::Status or absl::StatusOr, and hands an error to its caller
// unchanged unless it has something to add. Inside an if or a loop, write braces around TTHC_ASSIGN_OR_RETURN: it is
// several statements.

// Returns from the enclosing function with the status of `expression` unless it is OK.
#define TTHC_RETURN_IF_ERROR(expression)                                           \
  do {                                                                             \
    if (auto tthc_status_ = (expression); !tthc_status_.ok()) return tthc_status_; \
  } while (false)

// Assigns the value of a StatusOr, or returns its status: TTHC_ASSIGN_OR_RETURN(auto x, MakeX());
#define TTHC_ASSIGN_OR_RETURN(lhs, expression) \
  TTHC_ASSIGN_OR_RETURN_IMPL_(TTHC_CONCAT_(tthc_or_, __LINE__), lhs, expression)
#define TTHC_ASSIGN_OR_RETURN_IMPL_(temporary, lhs, expression) \
  auto temporary = (expression);                                \
  if (!temporary.ok()) return std::move(temporary).status();    \
  lhs = *std::move(temporary)
#define TTHC_CONCAT_(a, b) TTHC_CONCAT_IMPL_(a, b)
#define TTHC_CONCAT_IMPL_(a, b) a##b
