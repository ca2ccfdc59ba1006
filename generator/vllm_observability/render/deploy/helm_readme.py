"""The chart's values as a table for its README, read from values.yaml, where each has its comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"^(?P<indent> *)(?P<key>[\w]+):(?: (?P<value>.+))?$")


def values_table(text: str) -> str:
    """A row for each value: its path, its default, what the comment above it says. Its section's, where it has none."""
    rows = ["| value | default | what it says |", "|---|---|---|"]
    rows += [
        f"| `{path}` | {f'`{_cell(default)}`' if default else ''} | {_cell(says)} |"
        for path, default, says in _rows(text)
    ]
    return "\n".join(rows)


def _rows(text: str) -> Iterator[tuple[str, str, str]]:
    path: list[str] = []
    comment: list[str] = []
    lines = text.split("\n\n", 1)[1].splitlines()  # without the heading of the file
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        bare = line.strip()
        if bare.startswith("#"):
            comment.append(bare.lstrip("# "))
            continue
        if found := _LINE.match(line):
            path = [*path[: len(found["indent"]) // 2], found["key"]]
            default = found["value"] or ""
            says = " ".join(comment)
            if default or says or not after.startswith(" " * (len(found["indent"]) + 2)):
                yield ".".join(path), default, says
        comment = []


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
