#!/usr/bin/env python3
"""Checks that every test which docs/threat-model.md names as proof exists; exits 1 and names those that do not.

Tests are Rust functions below crates/, or titles in tests/browser/. A line with neither a test nor the word "planned" is
a promise without a proof, and is named too.
"""

import pathlib
import re
import sys

MODEL = pathlib.Path("docs/threat-model.md")
HEADING = "test that shows it"
# Names of tests are sentences; shorter words in code type are commands and columns.
NAME = re.compile(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+){2,})`")


def proofs(text):
    """Pairs of what may never happen and the last cell of its row, from the tables that end with the tests."""
    found = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[-1] == HEADING:
            inside = True
        elif inside and not set(cells[-1]) <= set("-: "):
            found.append((cells[0], cells[-1]))
    return found


def faults(rows, tests):
    """Sentences about rows whose proof is missing; `tests` holds the names that exist."""
    found = []
    for never, proof in rows:
        names = NAME.findall(proof)
        found.extend(f"no test is called {name} ('{never}')" for name in names if name not in tests)
        if not names and "planned" not in proof:
            found.append(f"'{never}' has neither a test nor the word planned")
    return found


def existing():
    """Names of all tests of the project."""
    names = set()
    for path in pathlib.Path("crates").glob("*/**/*.rs"):
        names.update(re.findall(r"\bfn ([a-z0-9_]+)", path.read_text(encoding="utf-8")))
    for path in pathlib.Path("tests").glob("**/*.mjs"):
        if "node_modules" not in path.parts:
            names.update(title.replace(" ", "_") for title in re.findall(r"test\(\s*[\"'`]([^\"'`]+)", path.read_text(encoding="utf-8")))
    return names


def main():
    rows = proofs(MODEL.read_text(encoding="utf-8"))
    found = faults(rows, existing())
    if not rows:
        found.append(f"no table of {MODEL} ends with the column '{HEADING}'")
    for sentence in found:
        print(f"threat model: {sentence}", file=sys.stderr)
    if not found:
        planned = sum("planned" in proof for _, proof in rows)
        print(f"{len(rows)} promises of the threat model; {planned} of them still have a planned test")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
