#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/terminal/messages.h"
#include "client/terminal/session.h"

// How commands are added to the tree of commands. Each group of commands has one Add… function, in the file
// commands_<group>.cc. A command consists of options that fill a struct of arguments, and of an action that gets the
// session and these arguments. Arguments are shared with the action, because CLI11 writes them after this code
// returned.
//
// Vocabulary:
//   command  the words up to the options, such as "mirror retry"; it has one action.
//   group    a word that only holds commands, such as "calendar"; alone it prints its help.
//   action   a function of session and arguments; returns the status from which the exit code follows.
//
// All of this runs once at the start, on the thread of the program. A name that is taken twice makes CLI11 throw, which
// every test of the program would notice. Actions print what they have before they return an error.
namespace tthc::cli {

// Name, help and abilities of a command.
struct CommandSpec {
  // One word: the last one of the command line, such as "ask" of "supplement ask".
  const char* name = "";
  // One line in each language; the help is built in the language of the run.
  terminal::Text help;
  // Whole command lines, without the leading "tthc".
  std::vector<const char*> examples;
  // Accepts -o xlsx, and --out FILE for every format.
  bool xlsx = false;
};

// Adds a command with the common options. `action` runs if this command is chosen and none below it; a command that
// only groups others has no action. The session must outlive the app.
CLI::App* AddCommand(CLI::App& parent, terminal::Session& session, const CommandSpec& spec,
                     std::function<absl::Status()> action = nullptr);
// The group of this name under `parent`, added if it is not there.
CLI::App* FindOrAddGroup(CLI::App& parent, terminal::Session& session, const CommandSpec& spec);

// Each adds its commands with their options. The session must outlive the app.
void AddEventCommands(CLI::App& app, terminal::Session& session);      // accept … alias
void AddAmendCommand(CLI::App& app, terminal::Session& session);       // amend
void AddDossierCommands(CLI::App& app, terminal::Session& session);    // show, history, explain, lookup
void AddListCommands(CLI::App& app, terminal::Session& session);       // list, find, late, due-soon, summary
void AddCatalogueCommands(CLI::App& app, terminal::Session& session);  // procedures, offices
void AddCalendarCommands(CLI::App& app, terminal::Session& session);   // calendar
void AddDueCommand(CLI::App& app, terminal::Session& session);         // due
void AddRegisterCommands(CLI::App& app, terminal::Session& session);   // import, export
void AddStatsCommands(CLI::App& app, terminal::Session& session);      // stats, stats list, stats metrics
void AddReportCommands(CLI::App& app, terminal::Session& session);     // report 06a
void AddScoreCommands(CLI::App& app, terminal::Session& session);      // score, plan, schemes
void AddClosingCommands(CLI::App& app, terminal::Session& session);    // close, verify
void AddMirrorCommands(CLI::App& app, terminal::Session& session);     // mirror
void AddSystemCommands(CLI::App& app, terminal::Session& session);     // watch, health, completion

}  // namespace tthc::cli
