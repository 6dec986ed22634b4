#!/usr/bin/env bash
# Everything that `make test` checks, in order; stops at the first failure, and says at the end what took how long.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh
export PYTHONDONTWRITEBYTECODE=1 CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

summary=()

# step TITLE COMMAND...: runs one check under its heading.
step() {
  local title="$1" begun=$SECONDS
  shift
  printf '\n\033[1m==> %s\033[0m\n' "$title"
  if ! "$@"; then
    printf '\nerror: this check failed: %s\n       run it alone with: %s\n' "$title" "$*" >&2
    exit 1
  fi
  summary+=("$(printf '%5d s  %s' "$((SECONDS - begun))" "$title")")
}

# What takes seconds comes first, so that a slip is known before anything is built.
step "The checks themselves can fail" python3 scripts/test_checks.py
step "Format" scripts/with-tools.sh cargo fmt --all --check
step "Files: head, length, name" python3 scripts/check_files.py
step "Architecture: every arrow runs down" scripts/with-tools.sh python3 scripts/check_arrows.py
step "Threat model: the tests that it names exist" python3 scripts/check_threats.py
step "From outside: licences, bans, second versions" scripts/with-tools.sh python3 scripts/check_licences.py
if scripts/with-tools.sh cargo deny --version >/dev/null 2>&1; then
  step "cargo deny" scripts/with-tools.sh cargo deny check bans licenses sources
else
  summary+=("  left  cargo deny (not installed here; the step before it reads the same deny.toml)")
fi
step "Console: styles, scripts, fonts, icons" make --no-print-directory ui
step "Lints" scripts/with-tools.sh cargo clippy --workspace --all-targets --locked -- -D warnings
step "Documentation links" scripts/with-tools.sh cargo doc --workspace --no-deps --document-private-items --locked --quiet
step "Tests: unit, store on SQLite and PostgreSQL, whole product" \
  scripts/with-postgres.sh scripts/with-tools.sh cargo test --workspace --locked

step "The whole way in a browser" scripts/browser-tests.sh

printf '\n\033[1m==> All checks passed in %d min %02d s\033[0m\n' "$((SECONDS / 60))" "$((SECONDS % 60))"
printf '%s\n' "${summary[@]}"
