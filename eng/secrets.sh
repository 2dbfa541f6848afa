#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml hands to the services, each a file under secrets/. Those that are there stay;
# of the two with the broker's user both are made anew when one is missing.
set -euo pipefail

folder="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)/secrets"

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# keep FILE TEXT: writes it unless there is such a file. Containers read it as another user than the one who made it.
keep() {
    [[ -e "$folder/$1" ]] || { printf '%s\n' "$2" >"$folder/$1" && chmod 644 "$folder/$1"; }
}

mkdir -p "$folder"
chmod 700 "$folder"
keep write-keys "$(random)"
keep api-keys "$(random)"

# The broker's user stands in two files, which have to agree.
if [[ ! -e "$folder/bus" || ! -e "$folder/rabbitmq.conf" ]]; then
    rm -f "$folder/bus" "$folder/rabbitmq.conf"
    password="$(random)"
    keep rabbitmq.conf "$(printf 'default_user = tagging\ndefault_pass = %s' "$password")"
    keep bus "rabbitmq://tagging:$password@rabbitmq:5672/"
fi
echo "Secrets are in $folder: write-keys for shops that send, api-keys for those who ask."
