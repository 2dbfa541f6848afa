# To be sourced. Leaves MongoDB and the container tests out of every build where their packages cannot be restored:
# builds look for artifacts/without-mongodb (see Directory.Build.props). What was found stays; eng/test.sh looks again.

# leave_out_what_is_missing ROOT PROJECT: tries to restore the project, which needs those packages.
leave_out_what_is_missing() {
    local root="$1" project="$2" mark="$1/artifacts/without-mongodb" log missing
    [[ -z "${WithMongoDb:-}" ]] || return 0 # somebody has decided
    mkdir -p "$root/artifacts"
    if log="$(dotnet restore "$root/$project" -p:WithMongoDb=true --nologo --verbosity quiet 2>&1 </dev/null)"; then
        rm -f "$mark"
        touch "$root/artifacts/with-mongodb"
        return 0
    fi

    # Whatever else is wrong, the build itself says best.
    missing="$({ grep -oE 'NU110[1-3]: Unable to find (a stable )?package [A-Za-z0-9.]+|NU1603: .* but [A-Za-z0-9.]+ [^ ]+ was not found' <<<"$log" || true; } |
        sed -E 's/^NU1603: .* but ([A-Za-z0-9.]+) .*$/\1/; s/^.* package //; s/[.]$//' | sort -u | paste -sd ' ')"
    [[ -n "$missing" ]] || return 0
    rm -f "$root/artifacts/with-mongodb"
    touch "$mark"
    echo "Left out: MongoDB and the container tests, since these packages cannot be restored here: ${missing// /, }."
}
