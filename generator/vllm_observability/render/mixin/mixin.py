"""The bundle as a Jsonnet mixin: what a site chooses is an argument, the rest is what every build emits.

The same code as ever writes rules and boards, for settings whose words and numbers are stand-ins: as long as those they
stand for, so that queries are folded alike, and found nowhere else. What comes out is written as Jsonnet, with an
expression in place of each stand-in. Windows, buckets and the form of histograms have none, as they shape the queries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards.layout import UIDS
from vllm_observability.model import Bound, Check, Unit
from vllm_observability.queries.recorded import Plan, plan
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.render.mixin.jsonnet import Code, StandIns, jsonnet_text, quoted
from vllm_observability.render.rules_yaml import group_data
from vllm_observability.rules.site import fired_by, recorded_by
from vllm_observability.settings import ModelSettings, Settings
from vllm_observability.settings.checking import ceiling
from vllm_observability.settings.site import TAKEN

FOLDER = "deploy/mixin"
HEADING = "// Emitted by vllm-obs build: choose in _config, or change the settings and build again.\n"
_LIBRARY = Path(__file__).parent / "library"
# No name, label or address of the catalogue holds it, and none of a site may: they are ASCII.
_MARK = "ø"
_MATCH = _MARK + "match"
_DEFAULT = re.compile(r'model:vllm_(\w+):threshold\{severity="(\w+)"\} == ([\d.]+)\)$')
_URLS = {name: (f"{_MARK}({name}", f"{name}){_MARK}") for name in ("runbook_url", "dashboard_url")}
# Units in which the library's words.libsonnet can say a bound.
_SAYABLE = {
    Unit.RATIO,
    Unit.SECONDS,
    Unit.COUNT,
    Unit.REQUESTS,
    Unit.NONE,
    Unit.PER_SECOND,
    Unit.REQUESTS_PER_SECOND,
    Unit.TOKENS_PER_SECOND,
}


def mixin(settings: Settings) -> dict[str, str]:
    """Every file of the mixin, by its path in the bundle."""
    blank = _Blank(settings)
    files = {
        path.relative_to(_LIBRARY).as_posix(): (HEADING if path.suffix == ".libsonnet" else "")
        + path.read_text("utf-8")
        for path in sorted(_LIBRARY.rglob("*"))
        if path.is_file()
    }
    files["config.libsonnet"] = HEADING + jsonnet_text(_config(settings), StandIns()) + "\n"
    files["facts.libsonnet"] = HEADING + jsonnet_text(_facts(settings), StandIns()) + "\n"
    files["rules.libsonnet"] = _function(_recording(blank), blank.in_rules)
    planned = plan(blank.settings)
    files["alerts.libsonnet"] = _function(_alerts(blank, planned), blank.in_rules)
    index: dict[str, dict[str, Code]] = {}
    for form in (forms.raw(planned), forms.fleet(planned)):
        index[form.name] = {}
        said = replace(form, measure=lambda number, _: f"{number:g}", why=lambda _, bound, __: bound.reason)
        drawn = dashboards(settings.drawn, said)
        for board, dashboard in zip(settings.drawn, drawn, strict=True):
            file = f"dashboards/{form.name}/{board.slug}.libsonnet"
            name = board.slug if form.name == "raw" else board.slug.replace("vllm-", "vllm-fleet-", 1)
            # A panel is a line: people read and compare the boards in dashboards/, not these.
            files[file] = _function(json.loads(dashboard_json(dashboard)), blank.on_boards, folded_from=2)
            index[form.name][f"{name}.json"] = Code(f"import {quoted(file)}")
    files["dashboards.libsonnet"] = HEADING + jsonnet_text(index, StandIns()) + "\n"
    return {f"{FOLDER}/{name}": text for name, text in files.items()}


def _function(data: object, stand_ins: StandIns, *, folded_from: int = 100) -> str:
    return f"{HEADING}function(chosen) {jsonnet_text(data, stand_ins, folded_from=folded_from)}\n"


# ----------------------------------------------------------------------------------------- what is chosen


def _label_keys(settings: Settings) -> dict[str, str]:
    """Label -> its key in `_config`. `job` is every target's, and boards treat it apart."""
    return {label: f"{label}_label" for label in settings.places}


def _objective_keys(settings: Settings) -> tuple[str, ...]:
    """A key for each objective: its kind, numbered from the second of a kind on."""
    kinds = [objective.of for objective in settings.objectives]
    return tuple(f"{kind}_{n}" if (n := kinds[: i + 1].count(kind)) > 1 else kind for i, kind in enumerate(kinds))


def _config(settings: Settings) -> dict[str, object]:
    """What a user of the mixin may override, with the settings of this build."""
    return {
        "metric_prefix": settings.metric_prefixes[0],
        **{key: label for label, key in _label_keys(settings).items()},
        **({"target_selector": settings.target_selector} if settings.target_selector else {}),
        "runbook_url": settings.runbook_url,
        "dashboard_url": settings.dashboard_url,
        "thresholds": {},
        "holds": {},
        "models": [{"match": model.match, "thresholds": model.thresholds} for model in settings.models],
        "objectives": {},
        "alerts_off": list(settings.alerts_off),
        "boards": "both",
    }


def _facts(settings: Settings) -> dict[str, object]:
    """What the library needs to know of checks and names."""
    alerts = [*(check.alert for check in settings.checks if check.alert), *(budget.alert for budget in slo.BUDGETS)]
    return {
        "checks": {check.id: _check_facts(check, settings) for check in settings.checks},
        "objectives": {
            key: objective.target for key, objective in zip(_objective_keys(settings), settings.objectives, strict=True)
        },
        "alerts": sorted(set(alerts)),
        "labels": list(_label_keys(settings).values()),
        "taken": sorted(TAKEN | {"job"}),
        "boards": settings.boards,
        "uids": UIDS,
    }


def _check_facts(check: Check, settings: Settings) -> dict[str, object]:
    if check.signal.unit not in _SAYABLE:
        raise ValueError(f"{check.id}: words.libsonnet has no words for {check.signal.unit}")
    return {
        "unit": check.signal.unit.value,
        "op": check.op,
        "of_models": check.level not in ("target", "scope"),
        "shortest_hold": int(2 * settings.seconds_between(check)),
        "bounds": {bound.severity: _bound_facts(check, bound, settings) for bound in check.bounds},
    }


def _bound_facts(check: Check, bound: Bound, settings: Settings) -> dict[str, object]:
    facts: dict[str, object] = {"hold": settings.hold(check, bound)}
    value = settings.bound(check, bound)
    if value is not None:
        facts["value"] = value
        limit = ceiling(check, settings)
        if limit is not None:
            facts["under"] = float(limit)
    return facts


# ---------------------------------------------------------------------------------------------- stand-ins


@dataclass(frozen=True)
class _Blank:
    """Settings with a stand-in for each choice, and what each stand-in stands for."""

    site: Settings

    @cached_property
    def bounds(self) -> dict[tuple[str, str], float]:
        """(check, severity) -> number: all different, and in the order of the bounds that they stand for."""
        all_bounds = [
            (value, check.id, bound.severity)
            for check in self.site.checks
            for bound in check.bounds
            if (value := self.site.bound(check, bound)) is not None
        ]
        return {
            (id, severity): round(0.710007 + i / 10_000, 6) for i, (_, id, severity) in enumerate(sorted(all_bounds))
        }

    @cached_property
    def targets(self) -> dict[str, float]:
        """Objective -> number."""
        return {key: round(0.900011 + i / 1_000_000, 6) for i, key in enumerate(_objective_keys(self.site))}

    @cached_property
    def thresholds(self) -> dict[str, dict[Any, float]]:
        """The numbers as settings have them."""
        table: dict[str, dict[Any, float]] = {}
        for (id, severity), number in self.bounds.items():
            table.setdefault(id, {})[severity] = number
        return table

    @property
    def priced(self) -> tuple[ModelSettings, ...]:
        """Models with a price of their own, without thresholds."""
        return tuple(replace(m, thresholds={}) for m in self.site.models if m.price_per_engine_hour is not None)

    @cached_property
    def settings(self) -> Settings:
        """The site's settings, with stand-ins."""
        objectives = zip(self.site.objectives, self.targets.values(), strict=True)
        return replace(
            self.site,
            metric_prefixes=(_marked(self.site.metric_prefixes[0]), *self.site.metric_prefixes[1:]),
            scope_labels=tuple("job" if label == "job" else _marked(label) for label in self.site.scope_labels),
            target_selector=_MARK * len(self.site.target_selector),
            thresholds=self.thresholds,
            holds={c.id: {b.severity: f"{_MARK}{c.id}.{b.severity}" for b in c.bounds} for c in self.site.checks},
            models=self.priced,
            objectives=tuple(replace(objective, target=number) for objective, number in objectives),
            alerts_off=(),
            runbook_url="{alert}".join(_URLS["runbook_url"]),
            dashboard_url="{board}".join(_URLS["dashboard_url"]),
        )

    @cached_property
    def names(self) -> dict[str, str]:
        """Words of the settings, in queries and elsewhere."""
        found = {_marked(self.site.metric_prefixes[0]): "chosen.metric_prefix"}
        for label, key in _label_keys(self.site).items():
            found[_marked(label)] = f"chosen.{key}"
            found[_marked(label).replace("_", " ").capitalize()] = f"chosen.title(chosen.{key})"
        if self.site.target_selector:
            found[self.settings.target_selector] = "chosen.target_selector"
        for key, ends in _URLS.items():
            found |= {end: f"chosen.{key}[{i}]" for i, end in enumerate(ends)}
        found[_URLS["dashboard_url"][0] + UIDS[self.site.boards]] = "chosen.dashboard_url[0] + chosen.uid"
        found[_URLS["dashboard_url"][1] + "?"] = "chosen.dashboard_url[1] + chosen.following"
        return found

    def _asked(self, function: str) -> dict[float, str]:
        """Number -> a function of the check's bound."""
        return {number: f"chosen.{function}('{id}', '{severity}')" for (id, severity), number in self.bounds.items()}

    @cached_property
    def in_rules(self) -> StandIns:
        """For rule files."""
        texts = {f"{number:.10g}": f"chosen.objective('{key}')" for key, number in self.targets.items()}
        holds: dict[str | float, str] = {
            hold: f"chosen.hold('{id}', '{severity}')"
            for id, by_severity in self.settings.holds.items()
            for severity, hold in by_severity.items()
        }
        return StandIns(texts={**self.names, **texts}, optional=holds)

    @cached_property
    def in_branches(self) -> StandIns:
        """For the part of a bound's query that is about a single model."""
        numbers = dict.fromkeys((f"{number:g}" for number in self.bounds.values()), "bound")
        return StandIns(texts={**self.names, **numbers, _MATCH: "match"})

    @cached_property
    def on_boards(self) -> StandIns:
        """For boards: bounds in words, as colours from a number on, as the end of an axis."""
        texts = {f"{number:g}": code for number, code in self._asked("words").items()}
        for key, number in self.targets.items():
            texts[f"{100 * number:g}"] = f"chosen.percent('{key}')"
            texts[f"{1 - number:.10g}"] = f"chosen.allowed('{key}')"
        numbers = self._asked("from") | {number + 1: code for number, code in self._asked("next").items()}
        room: dict[str | float, str] = {round(1.1 * number, 6): code for number, code in self._asked("room").items()}
        return StandIns(texts={**self.names, **texts}, numbers=numbers, optional=room)


def _marked(word: str) -> str:
    return word[:-1] + _MARK


# -------------------------------------------------------------------------------------------------- rules


def _recording(blank: _Blank) -> dict[str, Any]:
    """Recording rules. A bound is the number at the end of its rule; before it stand the queries of single models."""
    settings = replace(blank.settings, thresholds=blank.site.thresholds)
    of_one = replace(settings, models=(ModelSettings(_MATCH, blank.thresholds), *blank.priced))
    data, single = (group_data(recorded_by(plan(each))) for each in (settings, of_one))
    for group, other in zip(data["groups"], single["groups"], strict=True):
        for rule, with_model in zip(group["rules"], other["rules"], strict=True):
            if rule["record"].endswith(":threshold"):
                rule["expr"] = _bounded(rule, with_model["expr"].removesuffix("\nor\n" + rule["expr"]), blank)
    return data


def _alerts(blank: _Blank, planned: Plan) -> dict[str, Any]:
    """Alerts. What is asked only beside a number of the catalogue stands at the end of the query."""
    data, whole = (group_data(fired_by(each)) for each in (planned, plan(replace(blank.settings, thresholds={}))))
    for group, other in zip(data["groups"], whole["groups"], strict=True):
        for rule, with_clause in zip(group["rules"], other["rules"], strict=True):
            if clause := with_clause["expr"].removeprefix(rule["expr"]):
                rule["expr"] = _beside_default(rule["expr"], clause, blank)
    return data


def _beside_default(expr: str, clause: str, blank: _Blank) -> Code:
    found = _DEFAULT.search(clause)
    assert found, clause
    check, severity, number = found.groups()
    asked = f"chosen.bound('{check}', '{severity}') == {quoted(number)}"
    base, added = (jsonnet_text(part, blank.in_rules) for part in (expr, clause))
    return Code(f"{base} + if {asked} then {added} else ''")


def _bounded(rule: Mapping[str, Any], of_one: str, blank: _Blank) -> Code:
    of_all, times, _ = rule["expr"].rpartition("* ")
    check = rule["record"].split(":")[1].removeprefix("vllm_")
    asked = f"'{check}', '{rule['labels']['severity']}'"
    branch = f"function(match, bound) {jsonnet_text(of_one, blank.in_branches)}"
    rest = jsonnet_text(of_all + times, blank.in_rules)
    return Code(f"chosen.of_models({asked}, {branch}) + {rest} + chosen.bound({asked})")
