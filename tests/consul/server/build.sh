#!/usr/bin/env bash
# Builds the Consul server of this module to the file that is named, unless it is there. Builds of one file wait for each
# other, so that one may be started ahead of time and the tests' own call then finds what it made, or why there is none.
set -euo pipefail
out=${1:?usage: build.sh FILE}
[ -x "$out" ] && { echo "$out"; exit 0; }
mkdir -p "$(dirname "$out")"
if command -v flock >/dev/null; then
  exec 9>"$out.lock"
  flock 9
  [ -x "$out" ] && { echo "$out"; exit 0; }
fi
cd "$(dirname "${BASH_SOURCE[0]}")"
"${GO:-go}" build -trimpath -ldflags '-s -w' -o "$out.new" github.com/hashicorp/consul
mv "$out.new" "$out"
echo "$out"
