"""Boards never mislead: over all panels of both forms, what their text alone can tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import boardlint, misleading
from harness.cost import FORMS
from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.catalog import boards, checks
from vllm_observability.catalog.boards.answers import answer
from vllm_observability.catalog.boards.layout import UIDS, FormName
from vllm_observability.catalog.signals import RUNNING
from vllm_observability.model import metrics
from vllm_observability.queries.recorded import plan
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.rules.records import Rule
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, SettingsError
from vllm_observability.settings.reading import parse

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


# ----------------------------------------------------------------------------------------------- links


def _rules(settings: Settings) -> list[Rule]:
    return [rule for group in rules_for(settings).alerting for rule in group.rules]


@pytest.mark.parametrize("form", ["raw", "fleet"])
def test_an_alert_leads_to_the_board_of_incidents(form: FormName) -> None:
    """In the form that a site has, with everything chosen that tells which thing it is of, and the time.

    What is chosen can be chosen there: Grafana drops what a board does not offer.
    """
    settings = replace(Settings(), boards=form)
    offered = {
        board["uid"]: {variable["name"] for variable in boardlint.variables_of(board)}
        for board in _drawn(settings).values()
    }
    alerts = _rules(settings)

    assert {rule.alert for rule in alerts} >= {check.alert for check in checks.ALL if check.alert}
    for rule in alerts:
        path, _, query = dict(rule.annotations)["dashboard_url"].partition("?")
        uid = path.removeprefix("https://grafana.example/d/")
        assert uid == f"{UIDS[form]}incident", rule.alert
        assert re.match(r"from=.+&to=now", query), rule.alert
        chosen = set(re.findall(r"&var-(\w+)=", query))
        said = set(
            re.findall(r"\{\{ \$labels\.(model_name|instance|engine) \}\}", dict(rule.annotations)["description"])
        )
        assert {"cluster", "namespace", "job"} | said <= chosen <= offered[uid], rule.alert


def test_an_alert_leads_to_what_it_judges() -> None:
    """The panel asks the alert's question, or reads one of its metrics; of scrapes it says what Prometheus has."""
    for check in (check for check in checks.ALL if check.alert):
        _, chart = answer(check, boards.ALL)
        asked = {metric for signal in chart.signals for metric in metrics(signal.expr)}
        judged = set(metrics(check.signal.expr))
        assert asked & judged or (check.level in ("target", "scope") and "Targets" in chart.title), check.id


def test_the_setting_keeps_other_words_out() -> None:
    """A form that there is not is refused, by name."""
    with pytest.raises(SettingsError, match="boards"):
        parse({"boards": "both"})


def test_a_server_has_the_name_that_people_know() -> None:
    """With `instance_label: pod`: in variables, legends, tables and what alerts say; no address is left there."""
    settings = replace(Settings(), instance_label="pod")
    for name, board in _drawn(settings).items():
        assert [] == misleading.faults(board), name
        assert "instance" not in {variable["name"] for variable in boardlint.variables_of(board)}
        for panel in boardlint.panels(board):
            assert not any("{{instance}}" in target["legendFormat"] for target in panel["targets"]), panel["title"]
            assert "Instance" not in json.dumps(panel["transformations"] if panel["type"] == "table" else ""), name
    said = [dict(rule.annotations)["description"] for rule in _rules(settings)]
    assert sum("$labels.pod }}" in text for text in said) > 5
    assert not any("$labels.instance }}" in text for text in said)
    engines = plan(settings).find("engine", RUNNING.expr)
    assert engines is not None
    assert {"instance", "pod"} <= set(engines.labels)


@pytest.mark.parametrize("label", ["", "po d", "model_name", "cluster", "__name__"])
def test_a_label_that_can_not_name_a_server_is_refused(label: str) -> None:
    """One that is none, or that says something else already."""
    with pytest.raises(SettingsError, match="instance_label"):
        parse({"instance_label": label})
