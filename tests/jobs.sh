# shellcheck shell=bash disable=SC2154
# The jobs of .ci/run and tests/nightly; to be sourced after deploy/lib.sh, without `set -e`. A job is a function job_NAME
# that runs in a subshell with `set -e`. What `nightly=1` changes is said at each.

nightly=${nightly:-0}

# Sources as git knows them, so that what a build leaves behind is not looked at.
sources() { git -C "$tthc_root" ls-files -- "$@"; }

job_format() {
  local wrong
  cd "$tthc_root"
  # clang-format's status only says that there are findings; the list says which.
  wrong=$(
    set +o pipefail
    sources '*.cc' '*.h' | xargs -P "$(nproc)" -n 40 clang-format --dry-run -Werror 2>&1 |
      sed -n 's/^\([^ :]*\):[0-9].*/\1/p' | LC_ALL=C sort -u
  )
  [[ -z $wrong ]] || {
    printf '%s\n' "$wrong"
    say "Chưa định dạng: chạy clang-format -i" "Not formatted: run clang-format -i"
    return 1
  }
}

job_contract() { "$tthc_root/tests/contract/check"; }

job_release() { "$tthc_root/tests/run"; }

# Nightly: crash tests, too, and as many random schedules as without a sanitizer.
job_asan() {
  local labels='^(unit|property|service|conformance|e2e)$'
  if ((nightly)); then
    labels='^(unit|property|service|conformance|e2e|crash)$'
    export TTHC_TEST_AMOUNT=100
  fi
  "$tthc_root/tests/run" --preset asan -L "$labels"
}

# The distribution's gRPC is not instrumented and would show false races: e2e is left out.
job_tsan() {
  ((nightly == 0)) || export TTHC_TEST_AMOUNT=100
  "$tthc_root/tests/run" --preset tsan -L '^(unit|property|service|conformance)$'
}

# Nightly: a minute for each target instead of 10 s.
job_fuzz() {
  local seconds=10
  ((nightly == 0)) || seconds=60
  "$tthc_root/tests/fuzz/run" "$seconds" 2>&1 | grep -v -e '^#' -e '^INFO' -e '^stat::'
}

# Every file alone, without precompiled headers: locking annotations, Clang's warnings, missing includes. Nothing is
# linked. Nightly: tests, too.
job_clang() {
  local objects left_out='^(proto|tests)/'
  ((nightly == 0)) || left_out='^proto/'
  configure clang
  mapfile -t objects < <(ninja -C "$tthc_root/build/clang" -t targets all |
    sed -n 's/\(\.cc\.o\): CXX_COMPILER.*/\1/p' | grep -E -v "$left_out")
  ninja -C "$tthc_root/build/clang" -k 0 "${objects[@]}"
}

# Nightly: all of the product instead of what has changed, and as long as it takes.
job_tidy() {
  if ((nightly)); then "$tthc_root/tests/clang_tidy" --all; else "$tthc_root/tests/clang_tidy" --seconds 300; fi
}

# run_jobs NAME...: one after another, all of them whatever fails. Ends with a table and `jobs: N passed, N failed`.
run_jobs() {
  local name begin status seconds rows=() failed=0
  for name in "$@"; do
    printf '\n=== %s\n' "$name"
    begin=$SECONDS
    (
      set -e
      "job_$name"
    )
    status=$?
    seconds=$((SECONDS - begin))
    ((status == 0)) || failed=$((failed + 1))
    printf -v row '%-10s %-6s %3d min %02d s' "$name" "$( ((status)) && echo FAILED || echo ok)" \
      $((seconds / 60)) $((seconds % 60))
    printf '=== %s\n' "$row"
    rows+=("$row")
  done
  printf '\n'
  printf '%s\n' "${rows[@]}"
  printf '%-17s %3d min %02d s\n' total $((SECONDS / 60)) $((SECONDS % 60))
  printf 'jobs: %d passed, %d failed\n' $(($# - failed)) "$failed"
  ((failed == 0))
}
