#!/usr/bin/env bash
# Makes sure that what the tests start is on the machine: PostgreSQL, Redis, Chromium, Chinese fonts.
# On Debian it installs what is missing when it may; otherwise it says exactly what is missing and fails.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
[ -x /usr/bin/chromium ] || missing+=(chromium)
# A here-string and not a pipe: with pipefail, grep's early exit would look like a failure of fc-list.
fonts=$(fc-list 2>/dev/null || true)
grep -qiE 'noto (sans|serif) cjk' <<<"$fonts" || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null && sudo -n true 2>/dev/null && as_root=(sudo -n)
  [ ${#as_root[@]} -gt 0 ] || as_root=(false)
fi
if ! command -v apt-get >/dev/null || [ "${as_root[0]:-}" = false ]; then
  echo "The tests need these system packages (Debian's names), and they can't be installed from here: ${missing[*]}" >&2
  exit 1
fi
echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
