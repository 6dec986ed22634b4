#!/usr/bin/env python3
"""Checks what comes in from outside against deny.toml: licences (crates and npm), banned crates, second versions.

A light stand-in for cargo-deny, which takes minutes to build; it reads the same file, so there is one list. Exits 1 and
names each crate or package with the remedy.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

from check_arrows import metadata

# npm packages whose lock entry names no licence, with what their own LICENSE file says.
UNNAMED = {"dom-walk": "MIT"}


def allowed(expression, allow):
    """Whether an SPDX expression can be met with the licences of `allow`; cargo's old `/` means OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def ahead():
        return tokens[position] if position < len(tokens) else None

    def one():
        word = take()
        if word == "(":
            inside = either()
            take()
            return inside
        if ahead() == "WITH":
            take()
            word = f"{word} WITH {take()}"
        return word in allow

    def both():
        met = one()
        while ahead() == "AND":
            take()
            met = one() and met
        return met

    def either():
        met = both()
        while ahead() == "OR":
            take()
            met = both() or met
        return met

    return bool(tokens) and either()


def licence_faults(licences, allow):
    """Sentences about packages; `licences` are pairs of a name and an SPDX expression or None."""
    return [
        f"{name}: licence {expression or 'not given'} is not in [licenses].allow of deny.toml"
        for name, expression in licences
        if not allowed(expression or "", allow)
    ]


def ban_faults(names, users, bans):
    """Sentences about banned crates; `users` maps a crate to the crates that use it."""
    found = []
    for ban in bans:
        if ban["crate"] not in names:
            continue
        beyond = users.get(ban["crate"], set()) - set(ban.get("wrappers", ()))
        if beyond or "wrappers" not in ban:
            found.append(f"{ban['crate']} is banned ({ban['reason']}); it comes through {', '.join(sorted(beyond)) or 'us'}")
    return found


def version_faults(versions, skips):
    """Sentences about crates in two versions that deny.toml does not explain; `versions` maps a name to a set."""
    found = []
    for name, several in sorted(versions.items()):
        explained = [skip["crate"].split("@")[1] for skip in skips if skip["crate"].startswith(name + "@")]
        left = [one for one in several if not any(one == wanted or one.startswith(wanted + ".") for wanted in explained)]
        if len(left) > 1:
            found.append(f"{name} comes in versions {', '.join(sorted(left))}: avoid one, or explain it in [bans].skip of deny.toml")
    return found


def npm_licences(lock):
    """Pairs of name and licence from a package-lock.json, without our own entry."""
    for path, package in lock["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if path:
            yield f"npm {name}", package.get("license") or UNNAMED.get(name)


def built_crates():
    """Pairs of name and version that a build or a test on Linux compiles; `cargo metadata` also has what no feature turns on."""
    command = ["cargo", "tree", "--locked", "--workspace", "--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    return {(name, version.removeprefix("v")) for name, version in (line.split()[:2] for line in lines if line)}


def used_crates(graph, built):
    """The packages of `graph` that are in `built`, and for each name the names of those that use it."""
    used = {package["id"]: package for package in graph["packages"] if (package["name"], package["version"]) in built}
    users = {}
    for node in graph["resolve"]["nodes"]:
        for dependency in node["deps"]:
            if node["id"] in used and dependency["pkg"] in used:
                users.setdefault(used[dependency["pkg"]]["name"], set()).add(used[node["id"]]["name"])
    return list(used.values()), users


def main():
    policy = tomllib.loads(pathlib.Path("deny.toml").read_text(encoding="utf-8"))
    crates, users = used_crates(metadata(), built_crates())
    versions = {}
    for crate in crates:
        versions.setdefault(crate["name"], set()).add(crate["version"])
    licences = [(f"crate {crate['name']} {crate['version']}", crate["license"]) for crate in crates]
    for lock in sorted(pathlib.Path(".").glob("*/**/package-lock.json")):
        if "node_modules" not in lock.parts:
            licences.extend(npm_licences(json.loads(lock.read_text(encoding="utf-8"))))
    found = licence_faults(licences, set(policy["licenses"]["allow"]))
    found += ban_faults(set(versions), users, policy["bans"]["deny"])
    found += version_faults(versions, policy["bans"]["skip"])
    for sentence in found:
        print(f"from outside: {sentence}", file=sys.stderr)
    if not found:
        print(f"{len(licences)} crates and npm packages, every licence, ban and second version as deny.toml has it")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
