#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: scripts/with-postgres.sh cargo test
#
# The server lives in a new folder under TMPDIR, listens on one loopback port, and is stopped and removed when the command
# ends, however it ends. The command finds it in BALUARDO_TEST_PG_URL. PostgreSQL refuses to run as root, so root lends it
# to the user `postgres`. Nothing survives a power cut here, which makes it fast: it holds test data only.
set -euo pipefail

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

[ $# -gt 0 ] || fail "say what to run: scripts/with-postgres.sh COMMAND..."

# The newest of Debian's, else the one on PATH.
bin="$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)"
if [ ! -x "$bin/initdb" ]; then
  bin="$(dirname "$(command -v initdb)" 2>/dev/null)" || fail "PostgreSQL is not installed: scripts/install-deps.sh test"
fi

folder="$(mktemp -d "${TMPDIR:-/tmp}/baluardo-postgres.XXXXXX")"
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || fail "the user 'postgres' is missing, and PostgreSQL refuses to run as root"
  chown postgres "$folder"
  server() { runuser -u postgres -- "$@"; }
else
  server() { "$@"; }
fi

# shellcheck disable=SC2317  # reached through the trap
stop() {
  server "$bin/pg_ctl" --pgdata "$folder/data" --mode immediate --silent stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A password, since other users of this machine reach the same port.
secret="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"

cd "$folder" # initdb and the server look back at the folder that they were started in
(umask 022; printf '%s\n' "$secret" >password; if [ "$(id -u)" = 0 ]; then chown postgres password; fi; chmod 600 password)
if ! {
  server "$bin/initdb" --pgdata data --username baluardo --pwfile password --auth scram-sha-256 \
    --encoding UTF8 --locale C.UTF-8 --no-sync &&
    server "$bin/pg_ctl" --pgdata data --log log --wait --timeout 60 start --options "-p $port \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 -c jit=off \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
} >start.log 2>&1; then
  cat start.log log >&2 2>/dev/null || true
  fail "PostgreSQL did not start; what it said is above"
fi
cd "$OLDPWD"

export BALUARDO_TEST_PG_URL="postgres://baluardo:$secret@127.0.0.1:$port/postgres"
"$@"
