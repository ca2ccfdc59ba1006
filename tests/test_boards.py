"""The emitted boards: clean by every lint rule, and answered by a real Prometheus that holds several vLLM versions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import boardlint
from agreement import Case, openmetrics
from recordings import PAGES
from toolbox import ROOT, Line, Server, backfill, prometheus_lines, running_prometheus
from vllm_observability.catalog import boards
from vllm_observability.scrape import read_page

BOARDS = sorted((ROOT / "dashboards").glob("*.json"))
SERVERS = ("vllm-0.8.5", "vllm-0.9.2", "vllm-0.10.2", "vllm-0.12.0", "vllm-0.16.0", "vllm-0.20.2", "vllm-0.32.0")
# Empty on a fleet of these servers, and why: nothing else may be.
EMPTY: dict[str, str] = {}
NOW = 1_700_000_000 + 10_000


def _board(path: Path) -> dict[str, Any]:
    board: dict[str, Any] = json.loads(path.read_text())
    return board


def test_every_board_of_the_catalogue_is_emitted() -> None:
    """One file a board, and at least one."""
    assert BOARDS
    assert {board.slug for board in boards.ALL} == {path.stem for path in BOARDS}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_board_has_no_fault(path: Path) -> None:
    """Strict schema, titles, units, descriptions, variables, selectors, windows: every rule of boardlint."""
    assert [] == boardlint.faults(_board(path))


@pytest.fixture(scope="module", params=prometheus_lines(), ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Seven servers of seven versions, from the middle of a burst to its end."""
    line: Line = request.param
    directory = tmp_path_factory.mktemp("tsdb")
    groups: dict[str, list[str]] = {}
    for name in SERVERS:
        later, earlier = (read_page((PAGES / name / f"{page}.txt").read_bytes()) for page in ("after", "loaded"))
        for text in openmetrics([Case(name, later, earlier)], job="vllm", instance=name, cluster="c", namespace="n"):
            groups.setdefault(text.partition("{")[0], []).append(text)
    backfill("".join(text for group in groups.values() for text in group) + "# EOF\n", directory, line)
    with running_prometheus(directory, line=line) as running:
        yield running


def _asked(expr: str, chosen: dict[str, str]) -> str:
    """As Grafana fills variables in: All is `.*`; the rate interval spans both samples."""
    for name in ("cluster", "namespace", "job", "model_name", "instance", "engine"):
        expr = expr.replace(f"${name}", chosen.get(name, ".*"))
    return expr.replace("$__rate_interval", "10001s")


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "chosen", [{}, {"instance": "vllm-0.9.2"}, {"instance": "vllm-0.8.5|vllm-0.32.0", "cluster": "c"}], ids=str
)
def test_every_panel_answers(server: Server, path: Path, chosen: dict[str, str]) -> None:
    """With All, one and several chosen: no error, no NaN, no infinity, and no panel is empty without a reason."""
    board, empty, wrong = _board(path), [], []
    for panel, expr in boardlint.queries(board):
        answer = server.query(_asked(expr, chosen), NOW)
        if not answer and panel["title"] not in EMPTY and not chosen:
            empty.append(panel["title"])
        wrong += [panel["title"] for value in answer.values() if not math.isfinite(value) or value < 0]

    assert ([], []) == (empty, wrong)


def test_key_panels_show_the_true_numbers(server: Server) -> None:
    """Over all seven servers, from `loaded` to `after`: finished requests and tokens as the servers counted them."""
    shown = {
        panel["title"]: server.query(_asked(expr, {}), NOW) for panel, expr in boardlint.queries(_board(BOARDS[0]))
    }
    finished = generated = 0.0
    for name in SERVERS:
        for sign, page in ((1, "after"), (-1, "loaded")):
            for sample in read_page((PAGES / name / f"{page}.txt").read_bytes()).samples:
                finished += sign * sample.value * (sample.name == "vllm:request_success_total")
                generated += sign * sample.value * (sample.name == "vllm:generation_tokens_total")

    assert finished / 10_000 == pytest.approx(*_only(shown["Finished requests per second"]), rel=1e-3)
    assert generated / 10_000 == pytest.approx(*_only(shown["Output tokens per second"]), rel=1e-3)


def _only(answer: dict[Any, float]) -> list[float]:
    assert len({*answer.values()}) >= 1
    return [sum(answer.values())]
