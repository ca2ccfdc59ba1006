"""Boards -> a page each: the question, a picture, and what every panel answers."""

from __future__ import annotations

from collections.abc import Iterator

from vllm_observability.boards.records import Dashboard, Panel
from vllm_observability.catalog import boards
from vllm_observability.catalog.boards import Board
from vllm_observability.render.docs.markdown import table

FOLDER = "docs/boards"
_HEAD = """\
# Boards

{many} boards, each the answer to one question. Every board exists in two forms with the same panels: `dashboards/`
reads vLLM's own series, `dashboards/fleet/` reads recorded ones. [Questions](../questions.md) leads from what you want
to know to the panel that shows it. These pages are generated from the rows that make the boards.
"""


def boards_pages(drawn: tuple[Dashboard, ...]) -> dict[str, str]:
    """A page for each board and an index, by their paths; `drawn`: the boards in the order of the catalogue."""
    rows = ((f"[{board.title}]({board.slug}.md)", board.question) for board in boards.ALL)
    index = "\n".join((_HEAD.format(many=len(boards.ALL)), *table(("board", "its question"), rows)))
    pages = {f"{FOLDER}/{b.slug}.md": "\n".join(_page(b, d)) for b, d in zip(boards.ALL, drawn, strict=True)}
    return {f"{FOLDER}/index.md": index, **pages}


def _page(board: Board, dashboard: Dashboard) -> Iterator[str]:
    yield f"# {board.title}\n\n{dashboard.question}\n"
    yield f"![{board.title}](../images/{board.slug}.png)\n"
    files = (f"[{form}](../../{folder}/{board.slug}.json)" for form, folder in (
        ("over vLLM's series", "dashboards"), ("over recorded series", "dashboards/fleet")
    ))  # fmt: skip
    yield f"To import: {', '.join(files)}.\n"
    for row in dashboard.rows:
        closed = " (closed until opened)" if row.collapsed else ""
        yield f"## {row.title or 'Verdict'}{closed}\n"
        for panel in row.panels:
            yield from _panel(panel)


def _panel(panel: Panel) -> Iterator[str]:
    yield f"### {panel.title or 'Note'}\n"
    yield f"{panel.description or panel.text}\n"
    if panel.no_value:
        yield f"Without data it says: *{panel.no_value}*.\n"
