#!/usr/bin/env python3
"""Checks the arrows between the floors: which crate of ours may use which, and which libraries stay off the pure floors.

Reads `cargo metadata`; exits 1 and names each arrow that should not be there. docs/architecture.md has the picture.
"""

import json
import subprocess
import sys

PREFIX = "baluardo-"

# A floor, and the floors that it may use. A floor that is not here is an error: a new crate says first where it stands.
FLOORS = {
    "model": set(),
    "detect": {"model"},
    "mail": {"detect", "model"},
    "wire": {"model"},
    "exchange": {"model"},
    "store": {"model"},
    "service": {"store", "exchange", "detect", "mail", "wire", "model"},
    "calls": {"service", "wire", "model"},
    "web": {"calls", "service", "wire", "exchange", "model"},
    "agent": {"detect", "wire", "model"},
    "server": {"web", "calls", "service", "store", "exchange", "detect", "mail", "wire", "model"},
    "train": {"detect", "mail"},
    "bench": {"server", "agent", "web", "calls", "service", "store", "exchange", "detect", "mail", "wire", "model"},
    "testkit": {"server", "web", "calls", "service", "store", "exchange", "detect", "mail", "wire", "model", "agent"},
}
# Tests may use the house in memory from every floor; the product from none.
TESTS_ONLY = "testkit"

# Floors that do no IO, and what would bring it in, directly or through another library.
PURE = {"model", "detect", "mail", "wire", "exchange"}
IMPURE_LIBRARIES = {"tokio", "sqlx", "sqlx-core", "axum", "hyper", "async-std", "reqwest", "mio"}


def floor_of(name):
    """The floor that a package is, or None for a library from outside."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else None


def wrong_arrows(packages):
    """Sentences about arrows between our own floors; `packages` are workspace members as `cargo metadata` has them."""
    found = []
    for package in packages:
        here = floor_of(package["name"])
        if here not in FLOORS:
            found.append(f"{package['name']} is on no floor: give it a place in scripts/check_arrows.py and docs/architecture.md")
            continue
        for dependency in package["dependencies"]:
            there = floor_of(dependency["name"])
            if there is None or there in FLOORS[here]:
                continue
            # A floor's tests may switch on its own features.
            if dependency["kind"] == "dev" and there in (TESTS_ONLY, here):
                continue
            found.append(f"{here} uses {there}, which it may not (allowed: {', '.join(sorted(FLOORS[here])) or 'nothing of ours'})")
    return found


def reach(start, edges):
    """Every package that `start` reaches over `edges`, each with the package through which it was reached first."""
    through = {start: None}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in edges.get(here, ()):
            if there not in through:
                through[there] = here
                waiting.append(there)
    return through


def impure_libraries(members, names, edges):
    """Sentences about libraries with IO below a pure floor; `names` and `edges` by package id, without test dependencies."""
    found = []
    for member in members:
        floor = floor_of(names[member])
        if floor not in PURE:
            continue
        through = reach(member, edges)
        for package in sorted(through, key=lambda one: names[one]):
            if names[package] in IMPURE_LIBRARIES:
                found.append(f"{floor} does no IO, but brings in {names[package]} through {names[through[package]]}")
    return found


def product_edges(nodes):
    """From the resolved graph of `cargo metadata`: who uses whom when the product is built (tests left out)."""
    return {
        node["id"]: [one["pkg"] for one in node["deps"] if any(kind["kind"] != "dev" for kind in one["dep_kinds"])]
        for node in nodes
    }


def metadata():
    """What cargo knows of the workspace for Linux, from the lock file as it is."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    graph = metadata()
    members = graph["workspace_members"]
    names = {package["id"]: package["name"] for package in graph["packages"]}
    ours = [package for package in graph["packages"] if package["id"] in members]
    found = wrong_arrows(ours) + impure_libraries(members, names, product_edges(graph["resolve"]["nodes"]))
    for sentence in found:
        print(f"arrow: {sentence}", file=sys.stderr)
    if not found:
        print(f"{len(ours)} floors, every arrow runs down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
