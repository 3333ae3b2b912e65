#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tthc::cli {

// A script for "bash" or "zsh" that completes the commands and options of `app` as they are, and the values of options
// that have a fixed choice: nothing to keep in step.
std::string CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace tthc::cli
