"""Report -> Markdown for a chat, a pull request or an incident; nothing in a label becomes a link, a tag or a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vllm_observability.render.report.author import document
from vllm_observability.render.report.document import (
    Block,
    Bullets,
    Card,
    Document,
    Grid,
    Para,
    Rows,
    Split,
    Words,
)
from vllm_observability.report.records import Report
from vllm_observability.words.phrases import English, Language

# Code hosts link bare addresses, mentions and issue numbers too; a character reference only shows the same.
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "#": "&#35;", "$": "&#36;"}
_MARKS = re.compile(r"([\\`*_{}\[\]|~^])")
_SCHEME = re.compile(r"(?i)([a-z]):(//)?(?=\S)")
_WWW = re.compile(r"(?i)\bwww\.")


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = "".join(_REFERENCES.get(c, c) for c in text)
    text = _MARKS.sub(r"\\\1", text)
    text = _SCHEME.sub(lambda match: match[1] + "&#58;" + (match[2] or ""), text)
    return _WWW.sub("www&#46;", text)


def report_markdown(report: Report, *, language: Language | None = None) -> str:
    """The report as GitHub-flavoured Markdown."""
    return document_markdown(document(report, language or English()))


def document_markdown(text: Document) -> str:
    """A document as GitHub-flavoured Markdown."""
    lines = [f"# {escaped(text.title)}", "", escaped(text.subtitle)]
    for section in text.sections:
        inside = [line for block in section.blocks for line in _lines(block)]
        if inside or not section.blocks:  # else nothing but pictures
            lines += ["", f"## {escaped(section.title)}", "", *inside]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Bullets):
        yield from (f"- {escaped(item)}" for item in block.items)
    elif isinstance(block, Rows):
        yield from _table(("",) * max((len(row) for row in block.rows), default=0), [
            [_words(cell) for cell in row] for row in block.rows
        ], ":--")  # fmt: skip
    elif isinstance(block, Grid):
        cells = [[escaped(cell.strip()) for cell in row] for row in block.rows]
        yield from _table([escaped(heading) for heading in block.headings], cells, "--:")
    elif isinstance(block, Para):
        yield from _paragraph(block)
    elif isinstance(block, Card):
        alert = f"  {escaped(block.alert)}" if block.alert else ""
        yield f"- **{escaped(block.severity)}**  **{escaped(block.title)}**{alert}{escaped(block.whose)}"
        yield from (f"  - {escaped(text)}" for _, text in block.lines)
    elif isinstance(block, Split):
        yield f"{escaped(block.title)}: {escaped(', '.join(f'{p.title} {p.text}' for p in block.portions))}"
        yield ""


def _paragraph(block: Para) -> Iterator[str]:
    """A finding is an item, and what belongs to it is under it; other text stands alone."""
    if block.indented:
        yield f"  - {_words(block.words)}"
    elif len(block.words) > 1:
        yield f"- {_words(block.words)}"
    else:
        yield ""  # or it goes on with an item before it
        yield _words(block.words)
        yield ""


def _table(headings: list[str] | tuple[str, ...], rows: list[list[str]], align: str) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(headings)} |"
    yield f"| {' | '.join([':--', *[align] * (len(headings) - 1)])} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _words(spans: Words) -> str:
    parts = []
    for span in spans:
        text = escaped(span.text)
        inner = text.strip()
        bold = span.style in ("bold", "critical", "warning", "problem") and inner
        parts.append(text.replace(inner, f"**{inner}**", 1) if bold else text)
    return "".join(parts).strip()
