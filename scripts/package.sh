#!/usr/bin/env bash
# Packages the release build for Debian: scripts/package.sh (after `make release`; `make package` does both).
#
# Makes target/debian/baluardo-agent_VERSION_ARCH.deb for each computer that is guarded, and baluardo_VERSION_ARCH.deb for the server.
# Only dpkg-deb is needed, which every Debian has. The libraries that a package depends on are those that its program names.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh

command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing: packages are made on Debian or its like"
VERSION="$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)"
ARCH="$(dpkg --print-architecture)"
OUT=target/debian

# package NAME PROGRAM FOLDER DEPENDS RECOMMENDS DESCRIPTION: lays the files out and wraps them.
package() {
  local name="$1" program="$2" folder="$3" depends="$4" recommends="$5" about="$6"
  local root="$OUT/$name"
  [ -x "$program" ] || fail "$program is missing: make release"
  rm -rf "$root"
  install -D -m 755 "$program" "$root/usr/bin/$name"
  install -D -m 644 "packaging/$folder/$name.service" "$root/lib/systemd/system/$name.service"
  install -D -m 644 LICENSE "$root/usr/share/doc/$name/copyright"
  mkdir -p "$root/DEBIAN"
  install -m 755 "packaging/$folder/postinst" "packaging/$folder/prerm" "$root/DEBIAN/"
  if [ -e "packaging/$folder/$name.env" ]; then
    install -D -m 640 "packaging/$folder/$name.env" "$root/etc/baluardo/$name.env"
    printf '/etc/baluardo/%s.env\n' "$name" >"$root/DEBIAN/conffiles"
  fi
  cat >"$root/DEBIAN/control" <<END
Package: $name
Version: $VERSION
Architecture: $ARCH
Maintainer: The Baluardo contributors <baluardo@example.invalid>
Depends: $depends
Recommends: $recommends
Section: admin
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Description: $about
END
  dpkg-deb --build --root-owner-group "$root" "$OUT/${name}_${VERSION}_${ARCH}.deb" >/dev/null
  rm -rf "$root"
  say "$OUT/${name}_${VERSION}_${ARCH}.deb"
}

mkdir -p "$OUT"
package baluardo-agent target/release/baluardo-agent agent "libc6 (>= 2.34), libgcc-s1" "nftables" \
  "guards the documents of this computer and reports to the comune's console"
package baluardo target/release/baluardo server "libc6 (>= 2.34), libgcc-s1, adduser" "baluardo-agent" \
  "console and door for agents, for a consortium and its comuni"
