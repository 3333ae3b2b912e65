#include "tests/testing/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

extern char** environ;

namespace tthc::testing {
namespace {

// A file without a name that children do not inherit unless it is passed on.
int MakeMemoryFile(const std::string& content) {
  const int fd = memfd_create("tthc-test", MFD_CLOEXEC);
  for (size_t done = 0; fd >= 0 && done < content.size();) {
    const ssize_t wrote = write(fd, content.data() + done, content.size() - done);
    if (wrote <= 0) return -1;
    done += static_cast<size_t>(wrote);
  }
  if (fd >= 0) lseek(fd, 0, SEEK_SET);
  return fd;
}

// Whether it is ready within the time left; polls at least once.
bool WaitReadable(int fd, absl::Time deadline) {
  for (;;) {
    pollfd poll_fd{.fd = fd, .events = POLLIN, .revents = 0};
    const auto left_ms = static_cast<int>(std::max<int64_t>(0, absl::ToInt64Milliseconds(deadline - absl::Now())));
    const int ready = poll(&poll_fd, 1, left_ms);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentWith(const std::map<std::string, std::string>& added) {
  std::vector<std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string variable(*at);
    if (added.count(variable.substr(0, variable.find('='))) == 0) variables.push_back(variable);
  }
  for (const auto& [name, value] : added) variables.push_back(absl::StrCat(name, "=", value));
  return variables;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const ProcessOptions& options) {
  std::unique_ptr<Process> process(new Process);
  const int stdin_fd = MakeMemoryFile(options.input);
  std::array<int, 2> pipe_fds{-1, -1};
  process->stderr_fd_ = MakeMemoryFile("");
  if (stdin_fd < 0 || process->stderr_fd_ < 0 || pipe2(pipe_fds.data(), O_CLOEXEC) != 0) {
    return absl::InternalError("no files for a child");
  }
  process->stdout_fd_ = pipe_fds[0];

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, process->stderr_fd_, STDERR_FILENO);
  std::vector<std::string> arguments = options.arguments;
  arguments.insert(arguments.begin(), options.program);
  std::vector<std::string> environment = EnvironmentWith(options.environment);
  const int failed = posix_spawnp(&process->pid_, options.program.c_str(), &actions, nullptr,
                                  Pointers(&arguments).data(), Pointers(&environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(stdin_fd);
  close(pipe_fds[1]);
  if (failed != 0) {
    process->pid_ = -1;
    return absl::NotFoundError(absl::StrCat(options.program, " can't be started: error ", failed));
  }
  // glibc 2.36 declares pidfd_open() without C linkage.
  process->pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, process->pid_, 0));
  return process;
}

Process::~Process() {
  if (pid_ > 0 && exit_status_ < 0) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {pid_fd_, stdout_fd_, stderr_fd_}) {
    if (fd >= 0) close(fd);
  }
}

void Process::Signal(int number) const { kill(pid_, number); }

absl::Status Process::ReadMore(absl::Time deadline) {
  if (!WaitReadable(stdout_fd_, deadline)) return absl::DeadlineExceededError("nothing on stdout");
  std::array<char, 65536> buffer;
  const ssize_t got = read(stdout_fd_, buffer.data(), buffer.size());
  if (got > 0) {
    unread_.append(buffer.data(), static_cast<size_t>(got));
  } else {
    stdout_ended_ = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Process::ReadLine(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  for (;;) {
    const size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (stdout_ended_) return absl::OutOfRangeError(absl::StrCat("stdout ended; stderr: ", Stderr()));
    if (absl::Status more = ReadMore(deadline); !more.ok()) return more;
  }
}

absl::StatusOr<std::string> Process::ReadToEnd(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (!stdout_ended_) {
    if (absl::Status more = ReadMore(deadline); !more.ok()) return more;
  }
  return std::exchange(unread_, "");
}

absl::StatusOr<int> Process::Wait(absl::Duration patience) {
  if (exit_status_ >= 0) return exit_status_;
  if (!WaitReadable(pid_fd_, absl::Now() + patience)) return absl::DeadlineExceededError("still running");
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return absl::InternalError("no such child");
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_status_;
}

std::string Process::Stderr() const {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = pread(stderr_fd_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

ProgramResult RunProgram(const ProcessOptions& options, absl::Duration patience) {
  auto process = Process::Start(options);
  if (!process.ok()) return {.status = -1, .output = "", .errors = std::string(process.status().message())};
  const absl::Time deadline = absl::Now() + patience;
  const auto output = (*process)->ReadToEnd(patience);
  const auto status = output.ok() ? (*process)->Wait(deadline - absl::Now()) : absl::StatusOr<int>(output.status());
  return {.status = status.ok() ? *status : -1,
          .output = output.ok() ? *output : "",
          .errors = absl::StrCat((*process)->Stderr(), status.ok() ? "" : std::string(status.status().message()))};
}

}  // namespace tthc::testing
