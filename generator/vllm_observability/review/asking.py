"""What both stories ask of a Prometheus: alerts, whose data there are, and what could not be seen."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vllm_observability.catalog import beside, checks, slo
from vllm_observability.model import Matcher, Metric, Part, Scope
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.sources import SourceError
from vllm_observability.prometheus.api import Api
from vllm_observability.prometheus.checks import matchers
from vllm_observability.prometheus.history import MOST_POINTS, Course, Grid, Query, course, stored
from vllm_observability.queries.promql import Compound, Reader, aggregate, either, operand, selector
from vllm_observability.queries.recorded import Plan, plan
from vllm_observability.review.records import Firing, Place, Unseen, Who
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import say

Told = Callable[[int, str], None]  # questions so far, and what is read now
Remark = Callable[[str], None]  # something that whoever waits should know
ALERTS = sorted(
    {*(check.alert for check in (*checks.ALL, *beside.CHECKS) if check.alert), *(b.alert for b in slo.BUDGETS)}
)
_ALERT_LABELS = ("alertname", "severity", "model_name", "instance", "engine", "window", "of")
_FIRING: Matcher = ("alertstate", "=", "firing")
_BROKEN = 300.0  # seconds that an alert may be away and still be the same one: a Prometheus that was restarted


@dataclass
class Inquiry:
    """One server and one site; counts its questions."""

    api: Api
    settings: Settings
    chosen: tuple[Matcher, ...] = ()
    redaction: Redaction | None = None
    told: Told | None = None
    remark: Remark | None = None
    asked: int = field(default=0)

    def __post_init__(self) -> None:
        self.planned: Plan = plan(self.settings)

    # ------------------------------------------------------------------------------------------ asking

    def course(
        self, what: str, query: Query, grid: Grid, labels: Sequence[str], series: int = 1, most: int = MOST_POINTS
    ) -> Course:
        """The answer on a grid; `what`: for whoever waits."""
        self.asked += 1
        if self.told:
            self.told(self.asked, what)
        return course(self.api, query, grid, labels, series=series, most=most)

    def series(self, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = ()) -> str:
        """A metric's series under all its names, those that are chosen; in parentheses."""
        return operand(Compound(either(self.reader("engine").series(metric, part, where))))

    def reader(self, level: Scope, recorded: Plan | None = None) -> Reader:
        """How questions are written, of what is chosen; `recorded`: with these recorded series put in."""
        labels = (*self.settings.scope_labels, "instance", *(label for label, _, _ in self.chosen))
        reader = recorded.reader(level) if recorded else self.planned.raw_reader(level)
        return replace(reader, matchers=self.chosen, target_labels=labels)

    def engines(self, operator: str, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = ()) -> str:
        """A metric summed to engines, as it is."""
        return aggregate(operator, self.settings.engine_labels, self.reader("engine").grown("", metric, part, where))

    def look(self, grid: Grid) -> None:
        """Raw histograms are read as they are stored in this time."""
        self.asked += 2
        form = stored(self.api, self.reader("engine"), grid) or "classic"
        self.planned = plan(replace(self.settings, histograms=form))

    def nothing(self) -> SourceError:
        """What is said where there is no engine."""
        return SourceError(
            f"{self.api.name}: it holds no engine of vLLM in this time. A week is told in whole hours, so choose "
            "--from and --to for less. Otherwise: does it keep data for so long, and is the prefix another one "
            "(metric_prefixes in the settings)?",
            names=[self.api.name],
        )

    # ------------------------------------------------------------------------------------------ names

    def who(self, key: Sequence[str]) -> Who:
        """An engine by the values of the engine's labels."""
        *scope, instance, engine, model = self._hidden(self.settings.engine_labels, key)
        return Who(tuple(scope), instance, engine, model)

    def target(self, key: Sequence[str]) -> Who:
        """A target by the values of scope labels and instance."""
        *scope, instance = self._hidden((*self.settings.scope_labels, "instance"), key)
        return Who(tuple(scope), instance)

    def place(self, key: Sequence[str]) -> Place:
        """A model by the values of its labels."""
        *scope, model = self._hidden(self.settings.model_labels, key)
        return Place(tuple(scope), model)

    def _hidden(self, labels: Sequence[str], key: Sequence[str]) -> list[str]:
        own = dict(zip(labels, key, strict=True))
        return [*(self.redaction.labels(own) if self.redaction else own).values()]

    @property
    def name(self) -> str:
        """What the report calls the server."""
        return self.redaction.word("page", self.api.name) if self.redaction else self.api.name

    # ------------------------------------------------------------------------------------------ alerts

    def firings(self, grid: Grid) -> list[Firing]:
        """Alerts of this bundle that fired on a grid, by their beginning."""
        labels = (*self.settings.scope_labels, *_ALERT_LABELS)
        chosen = [one for one in self.chosen if one[0] in labels]
        where: tuple[Matcher, ...] = (_FIRING, ("alertname", "=~", "|".join(ALERTS)), *chosen)
        found = self.course("alerts", f"max by ({', '.join(labels)}) ({selector('ALERTS', where)})", grid, labels, 20)
        return sorted((one for each in self._runs(found, grid, labels) for one in each), key=lambda f: f.since)

    def _runs(self, found: Course, grid: Grid, labels: Sequence[str]) -> Iterator[Iterator[Firing]]:
        for key, values in found.items():
            own = {label: value for label, value in zip(labels, key, strict=True) if value}
            alert, severity = own.pop("alertname", ""), own.pop("severity", "")
            if alert in ALERTS:
                yield self._firing(alert, severity, own, values, grid)

    def _firing(
        self, alert: str, severity: str, own: Mapping[str, str], values: Sequence[float], grid: Grid
    ) -> Iterator[Firing]:
        shown = self.redaction.labels(own) if self.redaction else dict(own)
        times = [at for at, value in zip(grid.times, values, strict=True) if value > 0]
        for since, until in runs(times, max(_BROKEN, grid.step)):
            yield Firing(alert, severity, shown, since, until)

    def last_firing(self, alert: str, now: float) -> Firing:
        """When an alert fired last; SourceError where that is nowhere in what the server keeps of 30 days."""
        if alert not in ALERTS:
            raise SourceError(f"there is no alert {alert}; known are {', '.join(ALERTS)}")
        for span, step in ((86_400.0, 30.0), (30 * 86_400.0, 300.0)):
            grid = Grid(now - span, step, round(span / step) + 1)
            fired = [one for one in self.firings_of(alert, grid) if one.alert == alert]
            if fired:
                return max(fired, key=lambda f: f.until)
        raise SourceError(
            f"{self.api.name}: {alert} fired nowhere in the last 30 days, by the series ALERTS that it keeps. Is its "
            "rule loaded there? vllm-obs doctor says so",
            names=[self.api.name],
        )

    def firings_of(self, alert: str, grid: Grid) -> list[Firing]:
        """Firings of one alert, any of its series."""
        where: tuple[Matcher, ...] = (_FIRING, ("alertname", "=", alert))
        labels = ("alertname", "severity", "window")
        found = self.course("the alert", f"max by ({', '.join(labels)}) ({selector('ALERTS', where)})", grid, labels, 5)
        return [one for each in self._runs(found, grid, labels) for one in each]

    # ------------------------------------------------------------------------------------- what is not seen

    def started(self, since: float, until: float) -> list[Unseen]:
        """A Prometheus that began within the span: pending alerts began again, and its gap is not vLLM's."""
        try:
            text = str((self.api.get("/api/v1/status/runtimeinfo") or {}).get("startTime", ""))
        except SourceError:  # not every server that answers queries has it
            return []
        from datetime import datetime

        try:
            at = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00")).timestamp()
        except ValueError:
            return []
        if not since < at < until:
            return []
        return [Unseen("restart", say("Prometheus itself started then: pending alerts began again"), at)]


def runs(times: Sequence[float], broken: float) -> Iterator[tuple[float, float]]:
    """Runs of points that lie at most `broken` seconds apart."""
    since = before = math.nan
    for at in times:
        if math.isnan(since):
            since = at
        elif at - before > broken:
            yield since, before
            since = at
        before = at
    if not math.isnan(since):
        yield since, before


def chosen_by(text: str) -> tuple[Matcher, ...]:
    """Matchers of --selector; SourceError where they can't be read."""
    found = matchers(text)
    if found is None:
        raise SourceError(f'{text!r} are no matchers; write label="value", separated by commas', quotes=[text])
    return found
