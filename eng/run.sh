#!/usr/bin/env bash
# Builds the pipeline and starts it on this machine: one process, an in-memory bus, a SQLite file under data/.
# Usage: eng/run.sh [--demo] [any other option of `eng/tagging serve`]
set -euo pipefail

root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"

# Whether the caller gave that option; an option is given once only.
given() {
    local wanted="$1" argument
    shift
    for argument in "$@"; do
        [[ "$argument" == "$wanted" || "$argument" == "$wanted="* ]] && return 0
    done
    return 1
}

options=("$@")
given --rulebook "$@" || options+=(--rulebook "$root/docs/examples/demo-shop.yaml")
given --store "$@" || options+=(--store "sqlite:$root/data/tagging.db")

echo "Building (a minute, the first time) and starting ..."
exec "$root/eng/tagging" serve "${options[@]}"
