"""Report -> text for a terminal: at most so many columns, colour only where there is a terminal."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

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

STYLE = {
    "critical": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "ok": "green",
    "problem": "yellow",
    "watch": "cyan",
    "good": "green",
    "unknown": "dim",
}


def report_text(
    report: Report,
    *,
    color: bool = False,
    width: int = 80,
    language: Language | None = None,
    only: Collection[str] = (),
) -> str:
    """The report as text of at most `width` columns; escape sequences only with `color`; `only` some sections."""
    whole = document(report, language or English())
    shown = tuple(section for section in whole.sections if not only or section.id in only)
    return document_text(replace(whole, sections=shown), color=color, width=width)


def document_text(text: Document, *, color: bool = False, width: int = 80) -> str:
    """A document as text of at most `width` columns."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for block in _blocks(text):
        console.print(block)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().split("\n")[:-1])


def _blocks(text: Document) -> Iterable[RenderableType]:
    yield Group(Text(text.title, style="bold"), Text(text.subtitle, style="dim"))
    for section in text.sections:
        drawn = [block for block in (_drawn(block) for block in section.blocks) if block is not None]
        if section.blocks and not drawn:  # nothing but pictures
            continue
        title = Text(section.title, style="bold underline")
        yield Group(Text(""), title, *(Padding(block, (0, 0, 0, 2)) for block in drawn))


def _drawn(block: Block) -> RenderableType | None:
    if isinstance(block, Bullets):
        return Group(*(_bullet(item) for item in block.items))
    if isinstance(block, Rows):
        table = _grid(max((len(row) for row in block.rows), default=1))
        for row in block.rows:
            table.add_row(*(_words(cell) for cell in row))
        return table
    if isinstance(block, Grid):
        return _table(block)
    if isinstance(block, Para):
        return Padding(_words(block.words), (0, 0, 0, 2)) if block.indented else _words(block.words)
    if isinstance(block, Card):
        return _card(block)
    if isinstance(block, Split):
        return _split(block)
    return None  # pictures


def _words(spans: Words) -> Text:
    return Text.assemble(*((span.text, STYLE.get(span.style, span.style)) for span in spans))


def _card(block: Card) -> RenderableType:
    head = Text.assemble((block.severity, STYLE[block.style]), "  ", (block.title, "bold"))
    head.append(f"  {block.alert}" if block.alert else "", style="dim")
    head.append(block.whose)
    return Group(head, *(Padding(Text(text), (0, 0, 0, 2)) for _, text in block.lines))


SHADES = "█▓░▒"  # told apart without colour too
BAR = 50


def _split(block: Split) -> RenderableType:
    """One bar of shades, and each shade's words under it."""
    ends = [round(BAR * sum(p.share for p in block.portions[: i + 1])) for i in range(len(block.portions))]
    starts = [0, *ends]
    shades = [SHADES[i % len(SHADES)] for i in range(len(block.portions))]
    bar = "".join(shade * (end - start) for shade, start, end in zip(shades, starts, ends, strict=False))
    words = "  ".join(f"{shade} {p.title} {p.text}" for shade, p in zip(shades, block.portions, strict=True))
    return Group(Text(block.title), Text(bar), Text(words))


def _bullet(text: str) -> RenderableType:
    row = _grid(2)
    row.add_row("-", Text(text))
    return row


def _table(block: Grid) -> Table:
    """Words give way to numbers: a name too long is folded, before a number is cut."""
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False)
    for number, heading in enumerate(block.headings):
        if number:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold", min_width=12)
    for row in block.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table
