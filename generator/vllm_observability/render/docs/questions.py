"""Questions -> `docs/questions.md`: from what somebody wants to know to the panel that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import boards, questions
from vllm_observability.catalog.boards import Board, Chart
from vllm_observability.catalog.boards.beside import BESIDE
from vllm_observability.settings import Settings

PATH = "docs/questions.md"
_HEAD = """\
# Questions, and where they are answered

Each line leads from a question to a board, a panel on it, and what the answer means. The boards of `dashboards/` read
vLLM's own series, those of `dashboards/fleet/` have the same panels over recorded ones. On a board a title may go on:
"all models" or "all servers" means that the panel does not follow those choices. `vllm-obs build` writes this page from
the rows that make the boards.
"""


def questions_page(settings: Settings) -> dict[str, str]:
    """The page, by its path: of the boards that a site has."""
    return {PATH: "\n".join((_HEAD, *_body(settings.drawn)))}


def _body(drawn: Sequence[Board]) -> Iterator[str]:
    yield "## Where to begin\n"
    for job in questions.JOBS:
        yield f"**{job.when}:**\n"
        for number, (slug, panel, sees) in enumerate(job.steps, start=1):
            board, chart = find(slug, panel, drawn)
            yield f"{number}. [{board.name}](../dashboards/{board.slug}.json), *{chart.title}*: {sees}"
        yield f"\nThen {job.then}.\n"
    yield "## The boards\n\n| board | its question |\n| --- | --- |"
    yield from (f"| [{board.title}](../dashboards/{board.slug}.json) | {board.question} |" for board in drawn)
    slugs = {board.slug for board in drawn}
    if BESIDE.slug not in slugs:
        yield "\nA board of GPUs and pods is there where the setting `gpu_join_label` joins them to engines."
    for topic in (*questions.ALL, questions.BESIDE):
        asked = [question for question in topic.questions if question.slug in slugs]
        if not asked:
            continue
        yield f"\n## {topic.title}\n\n| question | board | panel | what the answer means |\n| --- | --- | --- | --- |"
        for question in asked:
            board, chart = find(question.slug, question.panel, drawn)
            means = "; ".join(f"{seen}: {meaning}" for seen, meaning in question.answers)
            yield f"| {question.asks} | {board.name} | {chart.title} | {means} |"
    yield ""


def find(slug: str, panel: str, drawn: Sequence[Board] = boards.ALL) -> tuple[Board, Chart]:
    """A panel of a board by its title; a question about one that is gone fails the build."""
    board = next(board for board in drawn if board.slug == slug)
    for section in board.sections:
        for chart in section.charts:
            if chart.title == panel:
                return board, chart
    raise ValueError(f"{slug} has no panel {panel}")
