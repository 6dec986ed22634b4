#!/usr/bin/env python3
"""Checks the house rules that a file shows by itself: a head that says what lives there, a length, a name, and acts behind pointers.

Looks at what git tracks or would track; exits 1 and names each file that breaks a rule.
"""

import pathlib
import re
import subprocess
import sys

LONGEST = 400
# Files that people write and read as code. Style sheets, texts and data have other measures.
CODE = {".rs", ".py", ".sh", ".js", ".mjs"}
# A name that fits every act says nothing about any.
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}


def head_is_missing(path, lines):
    """Whether the file does not open by saying what it is for (Rust: `//!`; scripts: their interpreter's comment)."""
    suffix = path.suffix
    head = lines[:3]
    if suffix == ".rs":
        return not head or not head[0].startswith("//!")
    if suffix == ".py":
        return not any(line.startswith('"""') for line in head)
    if suffix == ".sh":
        return not any(re.match(r"# \w", line) for line in head)
    return not any(line.startswith(("//", "/*")) for line in head)


def faults(path, text):
    """Sentences about one file; `path` is relative to the root of the project."""
    found = []
    lines = text.splitlines()
    if len(lines) > LONGEST:
        found.append(f"{path}: {len(lines)} lines, more than {LONGEST}: split it by what each part does")
    if head_is_missing(path, lines):
        found.append(f"{path}: the first line does not say what lives here (in Rust: //!)")
    if path.is_relative_to("crates/service/src"):
        for number, line in enumerate(lines, 1):
            if line.startswith("pub async fn ") and lines[number - 2] != "#[crate::act]":
                found.append(f"{path}:{number}: an act without #[crate::act] is compiled again in every face (crates/service/src/lib.rs)")
    for part in path.parts:
        if pathlib.PurePath(part).stem in EMPTY_NAMES:
            found.append(f"{path}: the name '{part}' says nothing; name it by what it does")
    return found


def code_files():
    """Paths of the project's own code: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    paths = {pathlib.PurePosixPath(one) for one in listed if one}
    return sorted(path for path in paths if path.suffix in CODE and pathlib.Path(path).is_file())


def main():
    paths = code_files()
    found = [fault for path in paths for fault in faults(path, pathlib.Path(path).read_text(encoding="utf-8"))]
    for sentence in found:
        print(f"file: {sentence}", file=sys.stderr)
    if not paths:
        print("file: no code was found: run this from the root of the project", file=sys.stderr)
        return 1
    if not found:
        print(f"{len(paths)} files of code, each with a head, a length and a name as the house has them")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
