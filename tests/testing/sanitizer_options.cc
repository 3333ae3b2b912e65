// Linked into every test, so that the options hold however it is started. Weak hooks that the sanitizers' run-times
// call.

extern "C" const char* __lsan_default_suppressions() {
  // 10 bytes in the distribution's resolver, once a process.
  return "leak:libcares.so\n";
}

extern "C" const char* __asan_default_options() { return "detect_stack_use_after_return=1"; }

extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }

extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }
