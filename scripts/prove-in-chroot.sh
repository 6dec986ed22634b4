#!/usr/bin/env bash
# Runs a command in a clone of this project inside a bare Debian 12, which has git and make and nothing else of this
# machine: scripts/prove-in-chroot.sh FOLDER COMMAND...
#
#   scripts/prove-in-chroot.sh /var/tmp/bare make run
#   scripts/prove-in-chroot.sh --as-user /var/tmp/bare make run   (as an ordinary user, after root installed the packages)
#
# As root only. The first run fills FOLDER with debootstrap; later runs go on where the last one ended, so remove FOLDER to
# begin from nothing. Only what is committed is proved. Mounts and processes live in namespaces of their own and vanish
# with the command. What this machine needs to reach its package registries (resolver, proxies, apt settings, CA
# certificates) goes in with it; MIRROR and SECURITY_MIRROR name others than Debian's own.
set -euo pipefail

MIRROR="${MIRROR:-http://deb.debian.org/debian}"
SECURITY_MIRROR="${SECURITY_MIRROR:-http://deb.debian.org/debian-security}"
# The way to the registries, by the names that apt, cargo, npm and pip read.
NETWORK_VARIABLES='^(https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY|CARGO_(HTTP|NET|REGISTRIES)_.*|PIP_(CERT|INDEX_URL|PROXY)|NODE_EXTRA_CA_CERTS|npm_config_.*)='

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

user=root
if [ "${1:-}" = --as-user ]; then user=newcomer; shift; fi
[ $# -ge 2 ] || fail "say where and what: scripts/prove-in-chroot.sh [--as-user] FOLDER COMMAND..."
[ "$(id -u)" = 0 ] || fail "only root can make a chroot"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
project="$(cd "$(dirname "$0")/.." && git rev-parse --show-toplevel)"
mkdir -p "$1"
root="$(cd "$1" && pwd)"
shift
[ "$root" != / ] || fail "this is the root of the machine itself"

# Everything from here on happens where mounts are private and no process outlives the script.
if [ -z "${BALUARDO_INSIDE_NAMESPACES:-}" ]; then
  if [ "$user" = root ]; then as=(); else as=(--as-user); fi
  export BALUARDO_INSIDE_NAMESPACES=1
  exec unshare --mount --propagation private --pid --fork --kill-child -- "$0" "${as[@]}" "$root" "$@"
fi

# inside COMMAND...: runs a command in the chroot, with a clean environment and the way to the registries.
inside() {
  local variables=()
  mapfile -t variables < <(env | grep -E "$NETWORK_VARIABLES")
  chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" "${variables[@]}" "$@"
}

fill_root() {
  debootstrap --variant=minbase bookworm "$root" "$MIRROR"
  cat >"$root/etc/apt/sources.list" <<END
deb $MIRROR bookworm main
deb $MIRROR bookworm-updates main
deb $SECURITY_MIRROR bookworm-security main
END
  # Settings of the way to the mirror only; how this machine keeps its packages is its own matter.
  grep -lE '^Acquire::(http|https|Check|Retries|AllowInsecure)' /etc/apt/apt.conf.d/* 2>/dev/null |
    xargs -r -I{} cp {} "$root/etc/apt/apt.conf.d/"
}

mount_all() {
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

install_git_and_make() {
  inside apt-get update -q
  inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -q git make
  if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    cp -L /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    inside update-ca-certificates
  fi
}

# The same clone is brought up to date, so that a second run shows what a second run is like.
clone_project() {
  local bundle="$root/srv/baluardo.bundle" home="$root/home/newcomer"
  inside id newcomer >/dev/null 2>&1 || inside useradd --create-home newcomer
  git -C "$project" bundle create --quiet "$bundle" HEAD
  if [ "$user" = root ]; then home="$root/root"; fi
  if [ ! -d "$home/baluardo" ]; then
    inside git clone --quiet /srv/baluardo.bundle "${home#"$root"}/baluardo"
  else
    inside git -C "${home#"$root"}/baluardo" -c safe.directory='*' fetch --quiet /srv/baluardo.bundle HEAD
    inside git -C "${home#"$root"}/baluardo" -c safe.directory='*' reset --quiet --hard FETCH_HEAD
  fi
  if [ "$user" != root ]; then inside chown -R newcomer: "${home#"$root"}/baluardo"; fi
}

[ -e "$root/etc/debian_version" ] || fill_root
mount_all
[ -x "$root/usr/bin/make" ] || install_git_and_make
clone_project

begun=$SECONDS
status=0
if [ "$user" = root ]; then
  inside bash -c 'cd /root/baluardo && exec "$@"' prove "$@" || status=$?
else
  inside runuser -u newcomer -- env HOME=/home/newcomer bash -c 'cd /home/newcomer/baluardo && exec "$@"' prove "$@" || status=$?
fi
printf '\n==> in the bare Debian, "%s" ended with status %d after %d s\n' "$*" "$status" "$((SECONDS - begun))"
exit "$status"
