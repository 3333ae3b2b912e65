#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/messages.h"
#include "client/cli/session.h"

// How a command is put into the tree of commands. One Add… function per group of commands, in the file of its name.
namespace tthc::cli {

struct CommandSpec {
  // One word; the parent is where it is added.
  const char* name = "";
  Text help;
  // Whole command lines, without the leading "tthc".
  std::vector<const char*> examples;
  // Takes -o xlsx, and --out FILE for every format.
  bool xlsx = false;
};

// Takes the common options, runs `action` if it is chosen and none of the commands below it. A command that only groups
// others has no action.
CLI::App* AddCommand(CLI::App& parent, Session& session, const CommandSpec& spec,
                     std::function<absl::Status()> action = nullptr);
// The group `name`, made on first use.
CLI::App* FindOrAddGroup(CLI::App& parent, Session& session, const CommandSpec& spec);

void AddEventCommands(CLI::App& app, Session& session);      // accept … alias
void AddAmendCommand(CLI::App& app, Session& session);       // amend
void AddDossierCommands(CLI::App& app, Session& session);    // show, history, explain, lookup
void AddListCommands(CLI::App& app, Session& session);       // list, find, late, due-soon, summary
void AddCatalogueCommands(CLI::App& app, Session& session);  // procedures, offices
void AddCalendarCommands(CLI::App& app, Session& session);   // calendar
void AddDueCommand(CLI::App& app, Session& session);         // due
void AddRegisterCommands(CLI::App& app, Session& session);   // import, export
void AddStatsCommands(CLI::App& app, Session& session);      // stats, stats list, stats metrics
void AddReportCommands(CLI::App& app, Session& session);     // report 06a
void AddScoreCommands(CLI::App& app, Session& session);      // score, plan, schemes
void AddClosingCommands(CLI::App& app, Session& session);    // close, verify
void AddMirrorCommands(CLI::App& app, Session& session);     // mirror
void AddSystemCommands(CLI::App& app, Session& session);     // watch, health, completion

// "dossiers/…" for a code, an alias or a tail as typed.
std::string DossierName(const std::string& code);

}  // namespace tthc::cli
