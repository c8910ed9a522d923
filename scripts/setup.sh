#!/bin/sh
# Make .venv with Troth in it, and install from Debian what a fresh machine lacks.
#   scripts/setup.sh run    what it takes to run Troth
#   scripts/setup.sh dev    and to test it: developer packages, a PostgreSQL and a MariaDB server, Chromium
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}
venv=${VENV:-.venv}

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else return 1
    fi
}

install() {
    command -v apt-get >/dev/null 2>&1 || { say "Please install: $*  (no apt-get here to do it with)"; exit 1; }
    say "Installing from Debian: $*"
    as_root apt-get update -qq >&2 || { say "Cannot install $*: neither root nor sudo. Please install them and run this again."; exit 1; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Install a server without starting it: the tests start their own. A policy that is there already is left alone
# (Debian, invoke-rc.d(8): what policy-rc.d answers with 101 is not done).
install_stopped() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then install "$@"; return; fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null 2>&1 \
        || { say "Cannot install $*: neither root nor sudo. Please install them and run this again."; exit 1; }
    trap 'as_root rm -f "$policy"' EXIT
    as_root chmod 755 "$policy"
    install "$@"
    as_root rm -f "$policy"
    trap - EXIT
}

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 \
            && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"; return 0
        fi
    done
    return 1
}

python=$(find_python) || { install python3 python3-venv; python=$(find_python) || { say "Troth needs Python 3.11 or newer."; exit 1; }; }
if [ ! -x "$venv/bin/python" ]; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
    "$python" -m venv "$venv"
fi

stamp="$venv/.troth-$what"
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ constraints.txt -nt "$stamp" ]; then
    extra="[lake]"; [ "$what" = dev ] && extra="[dev]"
    say "Installing Troth and what it needs into $venv ..."
    # A shell that forbids byte-code would make every later start slow.
    env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --compile \
        --constraint constraints.txt --editable ".$extra"
    env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m compileall -q src
    touch "$stamp"
fi

if [ "$what" = dev ]; then
    server=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1 || true)
    [ -n "$server" ] || command -v initdb >/dev/null 2>&1 || install postgresql
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
        || command -v google-chrome >/dev/null 2>&1 || install chromium fonts-dejavu-core
    command -v mariadbd >/dev/null 2>&1 || [ -x /usr/sbin/mariadbd ] || install_stopped mariadb-server
fi
