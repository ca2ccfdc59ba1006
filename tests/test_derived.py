"""What follows from settings is worked out once in a build, and handed on."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from vllm_observability.boards import panels
from vllm_observability.boards.forms import Form
from vllm_observability.boards.panel_words import with_objectives
from vllm_observability.build.artefacts import artefacts
from vllm_observability.catalog import boards
from vllm_observability.catalog.boards import Chart
from vllm_observability.model import Signal
from vllm_observability.queries import reads, recorded
from vllm_observability.rules import alerts, budgets, recording
from vllm_observability.settings import Settings, parse

SITE = parse({"scope_labels": ["namespace", "job"], "thresholds": {"kv_cache_usage": {"warning": 0.77}}})


def _watch(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], note: Callable[..., object]) -> None:
    """Have every module that uses a function tell of each call first."""

    def watched(*args: Any, **named: Any) -> Any:
        note(*args, **named)
        return function(*args, **named)

    name = function.__name__
    for module in [*sys.modules.values()]:
        if module.__name__.startswith("vllm_observability") and getattr(module, name, None) is function:
            monkeypatch.setattr(module, name, watched)


def _settings(of: object) -> Settings:
    found = getattr(of, "settings", of)
    assert isinstance(found, Settings)
    return found


@pytest.fixture(scope="module")
def calls() -> Counter[tuple[str, str]]:
    """How often one build works out each thing, by the settings for which it does."""
    counted: Counter[tuple[str, str]] = Counter()
    with pytest.MonkeyPatch.context() as monkeypatch:
        for function in (
            recorded.plan,
            recording.recording_groups,
            budgets.slo_groups,
            alerts.alert_groups,
            budgets.slo_alert_groups,
            reads.names_read,
            panels.dashboards,
        ):
            of = -1 if function is panels.dashboards else 0

            def note(*args: Any, name: str = function.__name__, of: int = of) -> None:
                form = f" of {args[-1].name} boards" if isinstance(args[-1], Form) else ""
                counted[name + form, repr(_settings(args[of]))] += 1

            _watch(monkeypatch, function, note)
        artefacts(SITE)
    return counted


def test_each_thing_is_worked_out_once(calls: Counter[tuple[str, str]]) -> None:
    """For the site's own settings: the plan, each kind of group, the names that are read, each form of the boards."""
    assert {
        "plan": 1,
        "recording_groups": 1,
        "slo_groups": 1,
        "alert_groups": 1,
        "slo_alert_groups": 1,
        "names_read": 1,
        "dashboards of raw boards": 1,
        "dashboards of fleet boards": 1,
    } == {name: n for (name, settings), n in calls.items() if settings == repr(SITE)}


def test_a_mixin_adds_settings_of_its_own(calls: Counter[tuple[str, str]]) -> None:
    """Its stand-ins are other settings (all chosen, one model's, the site's or no thresholds): each once too."""
    assert {1} == set(calls.values())
    assert 5 == len({settings for _, settings in calls})
    assert 2 == sum(name == "dashboards of fleet boards" for name, _ in calls)


def test_each_chart_is_drawn_once_per_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """In raw and fleet form, for the site and for the mixin; one that stands on three boards three times."""
    placed = Counter(
        with_objectives(chart, SITE) for board in boards.ALL for section in board.sections for chart in section.charts
    )
    shown = Counter({chart: n for chart, n in placed.items() if chart is not None})
    drawn: dict[tuple[str, str], Counter[Chart]] = {}
    queries: dict[tuple[str, str], Counter[tuple[Chart, Signal]]] = {}
    text = Form.text

    def written(form: Form, chart: Chart, signal: Signal, before: str = "") -> str:
        queries.setdefault((form.name, repr(form.settings)), Counter())[chart, signal] += 1
        return text(form, chart, signal, before)

    monkeypatch.setattr(Form, "text", written)
    _watch(
        monkeypatch,
        panels.panel,
        lambda chart, form: drawn.setdefault((form.name, repr(form.settings)), Counter()).update([chart]),
    )
    artefacts(SITE)

    assert sum(shown.values()) > 100
    assert [shown] * 4 == [*drawn.values()]
    asked = Counter((chart, signal) for chart in shown.elements() for signal in chart.signals)
    assert [asked] * 4 == [*queries.values()]
