"""Tables and anchors of generated pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def cell(text: str) -> str:
    """Text inside a table: one line, and no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table, and an empty one after it; nothing where there is no row."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if lines:
        yield from (f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}", *lines, "")


def code(text: object) -> str:
    """A name or a value as it is typed."""
    return f"`{text}`"


def listed(items: Iterable[str], nothing: str = "none") -> str:
    """Items with commas between them."""
    return ", ".join(items) or nothing


def fenced(text: str, language: str = "") -> Iterator[str]:
    """A block of code, and an empty line after it."""
    yield from (f"```{language}", text.strip("\n"), "```", "")
