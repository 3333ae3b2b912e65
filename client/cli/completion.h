#pragma once

#include <CLI/CLI.hpp>
#include <string>

// Shell completion.
// The scripts are text for the shell to load. They call no program and need no server.
namespace tthc::cli {

// Makes a script for "bash" or "zsh" that completes commands, options, and values of options with a fixed choice. It is
// generated from `app`, so that a new command or option is completed without further work.
std::string CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace tthc::cli
