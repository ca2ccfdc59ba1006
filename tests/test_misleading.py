"""Boards never mislead: over all panels of both forms, what their text alone can tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import misleading
from harness.cost import FORMS
from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.catalog import boards
from vllm_observability.queries.recorded import plan
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.settings import Settings

BOARDS = [path for folder in FORMS.values() for path in sorted(folder.glob("*.json"))]


def _drawn(settings: Settings) -> Mapping[str, dict[str, Any]]:
    """Every board in both forms, as a site with these settings gets it."""
    planned = plan(settings)
    return {
        f"{form.name} {board.uid}": json.loads(dashboard_json(board))
        for form in (forms.raw(planned), forms.fleet(planned))
        for board in dashboards(boards.ALL, form)
    }


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_board_does_not_mislead(path: Path) -> None:
    """One window a number, every choice obeyed or named, four scrapes in every window."""
    assert [] == misleading.faults(json.loads(path.read_text()))


@pytest.mark.parametrize("interval", ["15s", "30s", "1m"])
def test_a_window_holds_four_scrapes_of_the_site(interval: str) -> None:
    """However rare they are, and whatever its data source says."""
    settings = replace(Settings(), scrape_interval=interval)

    faults = [fault for board in _drawn(settings).values() for fault in misleading.scrapes(board, interval)]
    assert [] == faults
