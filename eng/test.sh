#!/usr/bin/env bash
# Runs every test. Installs what the tests need (Debian's RabbitMQ and pika; Node.js if there is none), restores, builds, tests,
# and ends with one line: N passed, M failed, K skipped.
# Usage: eng/test.sh [--long] [--filter EXPRESSION] [any other option of `dotnet test`]
#   --long     the long forms of the randomised and crash tests
#   --filter   only the tests that match, as `dotnet test --filter` means it
set -euo pipefail

root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
results="$root/artifacts/test-results"
source "$root/eng/packages.sh"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

options=()
for argument in "$@"; do
    if [[ "$argument" == --long ]]; then
        export TAGGING_LONG=1
    else
        options+=("$argument")
    fi
done

as_root() {
    if [[ "$(id -u)" == 0 ]]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    echo "Installing $* ..."
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null >/dev/null
}

# The tests start brokers of their own; the package would start one more, on the usual port and after every boot.
install_rabbitmq() {
    local policy=/usr/sbin/policy-rc.d placed=no
    if [[ ! -e "$policy" ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod +x "$policy"
        placed=yes
    fi
    local outcome=0
    install_packages rabbitmq-server || outcome=$?
    [[ "$placed" == no ]] || as_root rm -f "$policy"
    if [[ -d /run/systemd/system ]]; then
        as_root systemctl disable --quiet rabbitmq-server || true
    fi
    return "$outcome"
}

# Prints one attribute of all test reports, added up.
sum() {
    { grep -ohE '<Counters [^>]*' "$results"/*.trx 2>/dev/null || true; } |
        { grep -oE " $1=\"[0-9]+\"" || true; } | tr -dc '0-9\n' | awk '{ total += $1 } END { print total + 0 }'
}

# Tells again, where it is not missed, which tests failed and how.
tell_failures() {
    /usr/bin/python3 - "$results" <<'PYTHON'
import glob, sys
import xml.etree.ElementTree as xml
space = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
for report in sorted(glob.glob(sys.argv[1] + "/*.trx")):
    for result in xml.parse(report).iterfind(".//t:UnitTestResult[@outcome='Failed']", space):
        message = result.findtext("t:Output/t:ErrorInfo/t:Message", "", space)
        place = result.findtext("t:Output/t:ErrorInfo/t:StackTrace", "", space)
        print(f"\nFailed: {result.get('testName')}\n{message[:2000]}\n{place[:1000]}")
PYTHON
}

if ! command -v dotnet >/dev/null; then
    echo "eng/test.sh: dotnet was not found; install the .NET 10 SDK (https://dotnet.microsoft.com/download)" >&2
    exit 1
fi
if [[ ! -d /usr/lib/rabbitmq ]]; then
    install_rabbitmq
fi
if ! /usr/bin/python3 -c 'import pika' 2>/dev/null; then
    install_packages python3-pika
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    install_packages nodejs npm
fi

cd "$root"
rm -rf "$results"
leave_out_what_is_missing "$root" tests/Containers.Specs/Containers.Specs.csproj
dotnet build TaggingPipeline.sln --configuration Release --nologo --verbosity quiet

outcome=0
dotnet test TaggingPipeline.sln --configuration Release --no-build --nologo -m:1 \
    --logger "console;verbosity=minimal" --logger trx --results-directory "$results" \
    --blame-hang-timeout 10m --blame-hang-dump-type none \
    ${options[@]+"${options[@]}"} </dev/null || outcome=$?

total="$(sum total)" executed="$(sum executed)" passed="$(sum passed)"
failed=$((executed - passed))
if [[ "$outcome" != 0 && "$failed" == 0 ]]; then
    echo "A test process ended before its tests did."
    failed=1
fi

[[ "$failed" == 0 ]] || tell_failures || echo "The reports of failed tests could not be read."
echo
echo "$passed passed, $failed failed, $((total - executed)) skipped"
[[ "$outcome" == 0 && "$failed" == 0 ]]
