"""A Prometheus -> everything that the story of a week is made from, hour by hour; recorded series where they are there.

What was recorded is a rate, which summed over an hour is growth again. Each day is read from recorded series where
these were there in every hour of it in which engines were; else from raw series, engine by engine and bucket by bucket.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog import slo
from vllm_observability.intervals.folder import bound_of
from vllm_observability.intervals.records import BUCKETS, COUNTS, Count
from vllm_observability.model import Growth, Matcher, Metric, Part
from vllm_observability.pages.sources import SourceError
from vllm_observability.prometheus.history import Course, Grid, Key, Query
from vllm_observability.queries.promql import Reader, aggregate, either, operand, selector
from vllm_observability.queries.recorded import plan
from vllm_observability.review.asking import Inquiry
from vllm_observability.review.records import Events, Firing, ModelWeek, Totals, Unseen, WeekData
from vllm_observability.review.unseen import missed, most, without_latencies
from vllm_observability.rules.budgets import events, events_name, objectives_of
from vllm_observability.settings import Objective
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.site import Histograms

HOUR = 3600.0
LONGEST = 92 * 86_400.0
_DAY = 24  # hours of raw series that are asked for at once, and that are read in one way
_EVERY, _RUNNING_EVERY = 60, 30  # seconds between points of a recorded rate, and of the running gauge
_THERE, _EDGE = 0.9, 0.05  # of an hour that must be recorded, and that may be missing at either end
_BUSIEST = 3  # hours with most requests, among which the busiest minute is looked for
_COUNTS: tuple[Count, ...] = (
    "generated", "prompts", "gaps", "gap_seconds", "first_tokens", "first_seconds", "requests", "request_seconds",
    "prefill_seconds", "prompt_tokens", "output_tokens", "hits", "queries", "preemptions",
)  # fmt: skip
_HISTOGRAMS = ("ttft", "itl", "e2e")


def read_week(inquiry: Inquiry, start: float, end: float) -> WeekData:
    """Everything of a span, whole hours of it; SourceError with one sentence."""
    count = math.floor((end - start) / HOUR + 1e-6)
    if not 1 <= count * HOUR <= LONGEST:
        raise SourceError("a review of a week takes an hour at least, and 92 days at most: give another --since")
    hours = Grid(end - (count - 1) * HOUR, HOUR, count)
    asked = _Span(inquiry, hours)
    if not asked.scraped:
        raise inquiry.nothing()
    asked.announce()
    models = tuple(asked.models())
    before = _Span(inquiry, Grid(hours.start - count * HOUR, HOUR, count)).totals()
    unseen: list[Unseen] = [*missed(asked.scraped, asked.recorded_hours, hours, compared=before is not None)]
    counted = [model.grown for model in models]
    unseen += without_latencies(
        any("generated" in one for one in counted), any("first_tokens" in one for one in counted)
    )
    unseen += inquiry.started(hours.start - HOUR, hours.end)
    return WeekData(
        inquiry.name, hours.start - HOUR, hours.end, hours, models, tuple(asked.alerts()), tuple(unseen),
        asked.recorded_share, asked.busiest(models), before,
    )  # fmt: skip


class _Span:
    """Some hours of one server, and of which of them there are recorded series."""

    def __init__(self, inquiry: Inquiry, hours: Grid) -> None:
        self.inquiry, self.hours, self._most = inquiry, hours, hours.count
        self.settings, self.labels = inquiry.settings, inquiry.settings.model_labels
        inquiry.look(hours)
        shares = self._recorded()
        self.scraped = self._scraped(any(shares))
        # Of an hour in which servers were scraped for a part only, no more can have been recorded.
        seen = [max((line[n] / most(line) for line in self.scraped.values() if line[n] == line[n]), default=0.0)
                for n in range(hours.count)]  # fmt: skip
        # Of an hour with the edge of a fleet's life a few scrapes are there, and nothing recorded yet.
        self.recorded_hours = [
            share >= _THERE * there - _EDGE and (share > 0 or there < _EDGE)
            for share, there in zip(shares, seen, strict=True)
        ]
        held = self.recorded_hours
        self._days = [all(held[day : day + _DAY]) for day in range(0, hours.count, _DAY)]
        self._most = hours.count if all(self._days) else _DAY  # of raw series no more at once

    @property
    def recorded_share(self) -> float:
        """Share of the days that is read from recorded series."""
        return sum(self._days) / len(self._days)

    def _on(self, part: Grid) -> bool:
        return self._days[round((part.start - self.hours.start) / HOUR) // _DAY]

    def announce(self) -> None:
        """What reading raw series will take."""
        days = self._days.count(False)
        if days and self.inquiry.remark:
            a_day = sum(math.fsum(v for v in line if v == v) for line in self.scraped.values()) / self.hours.count * 24
            read = a_day * days * (len(_COUNTS) + 8 + 25 * len(_HISTOGRAMS))
            self.inquiry.remark(
                f"{days} of {len(self._days)} days have no recorded series: raw ones are read, about "
                f"{max(1, read / 1e6):,.0f} million samples in {days * (len(_COUNTS) + 16)} questions"
            )

    # ---------------------------------------------------------------------------------------------- asking

    def _course(self, what: str, query: Query, labels: Sequence[str], series: int = 20) -> Course:
        return self.inquiry.course(what, query, self.hours, labels, series, most=self._most)

    def _recorded(self) -> list[float]:
        """Share of each hour in which series were recorded."""
        found = self.inquiry.planned.find("model", s.RUNNING.expr)
        if found is None or not {label for label, _, _ in self.inquiry.chosen} <= set(self.labels):
            return [0.0] * self.hours.count
        often = f"max(count_over_time({selector(found.name, self.inquiry.chosen)}[{int(HOUR) - 1}s:1m])) / 60"
        for line in self._course("recorded series", often, ()).values():
            return [value if value == value else 0.0 for value in line]
        return [0.0] * self.hours.count

    def _scraped(self, recorded_any: bool) -> Course:
        """How often each engine was scraped in each hour; where raw series are gone, how often it was recorded."""
        labels = self.settings.engine_labels
        raw = self.inquiry.reader("engine").series(m.REQUESTS_RUNNING)
        query = aggregate("max", labels, either([f"count_over_time({one}[1h])" for one in raw]))
        found = self._course("scrapes", query, labels, 100)
        recorded = self.inquiry.planned.find("engine", s.RUNNING.expr)
        if found or recorded is None or not recorded_any:
            return found
        series = selector(recorded.name, self.inquiry.chosen)
        return self._course("scrapes", f"count_over_time({series}[1h])", labels, 100)

    @cached_property
    def _recorders(self) -> list[Reader]:
        """Readers of what rules recorded, by each form of histograms that is there: those of another build too."""
        forms: tuple[Histograms, ...] = ("classic", "native")
        plans = [plan(replace(self.settings, histograms=form)) for form in forms]
        found = [(planned, planned.find("model", Growth(m.TTFT, part)))
                 for planned, part in zip(plans, (Part.BUCKET, Part.VALUE), strict=True)]  # fmt: skip
        there = [planned for planned, recorded in found
                 if recorded and self._course("recorded series", f"count({recorded.name})", ())]  # fmt: skip
        return [self.inquiry.reader("model", planned) for planned in there or plans[:1]]

    def grown(
        self, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = (), more: Sequence[str] = ()
    ) -> Course:
        """Growth in each hour, by model and by `more` labels."""
        labels = (*self.labels, *more)
        raw = replace(self.inquiry.reader("model"), by=labels, window="1h").text(Growth(metric, part, tuple(where)))
        rates = [
            replace(reader, by=labels).rates(metric, part, where)
            for reader in self._recorders
            if reader.recorded(Growth(metric, part)) or (part is Part.BUCKET and reader.recorded(Growth(metric)))
        ]
        summed = self._over_an_hour(either([*dict.fromkeys(rates)])) if rates else raw
        return self._course("counters", lambda part: summed if self._on(part) else raw, labels, 60)

    @staticmethod
    def _over_an_hour(rate: str) -> str:
        """A recorded rate as growth; the offset keeps the point at the beginning out, which is of the hour before."""
        return f"sum_over_time(({rate})[{int(HOUR) - 1}s:{_EVERY}s]) * {_EVERY}"

    # ------------------------------------------------------------------------------------------- what there is

    def models(self) -> Iterator[ModelWeek]:
        """Every model, with what its engines did."""
        seconds_of, busy = self.engine_seconds(), self._busy()
        counts = {name: self._count(name) for name in _COUNTS}
        finished = self.grown(m.REQUEST_SUCCESS, more=("finished_reason",))
        buckets = {of: self.grown(BUCKETS[of], Part.BUCKET, more=("le",)) for of in _HISTOGRAMS}
        spent = {budget.kind: self._events(budget) for budget in slo.BUDGETS}
        for key in sorted(seconds_of):
            nothing = array("d", [0.0]) * self.hours.count
            yield ModelWeek(
                self.inquiry.place(key),
                seconds_of[key],
                busy.get(key, nothing),
                {name: found[key] for name, found in counts.items() if key in found},
                {own[-1]: line for own, line in finished.items() if own[:-1] == key},
                {of: bounds for of, found in buckets.items() if (bounds := _bounds(found, key))},
                tuple(Events(kind, objective.target, objective.within, good, total)
                      for kind, found in spent.items() for own, objective, good, total in found if own == key),
            )  # fmt: skip

    def engine_seconds(self) -> dict[Key, array[float]]:
        """Time for which engines were seen, by model: scrapes, each as long as the time between two."""
        found: dict[Key, array[float]] = {}
        for key, line in self.scraped.items():
            whole = most(line)
            own = found.setdefault(
                (*key[: len(self.settings.scope_labels)], key[-1]), array("d", [0.0]) * self.hours.count
            )
            for n, value in enumerate(line):
                if value == value:
                    own[n] += HOUR * value / whole
        return found

    def _count(self, name: Count) -> Course:
        metric, part, own = COUNTS[name]
        return self.grown(metric, part, ((own[0], "=", own[1]),) if own else ())

    def _busy(self) -> Course:
        """Time in which engines ran at least one request, by the gauge at each moment."""

        def text(part: Grid) -> str:
            reader = self.inquiry.reader("engine", self.inquiry.planned if self._on(part) else None)
            running = reader.text(s.RUNNING.expr)
            every = f"({operand(running)} > bool 0)[{int(HOUR) - 1}s:{_RUNNING_EVERY}s]"
            return aggregate("sum", self.labels, f"sum_over_time({every})") + f" * {_RUNNING_EVERY}"

        return self._course("busy engines", text, self.labels)

    def _events(self, budget: slo.Budget) -> list[tuple[Key, Objective, array[float], array[float]]]:
        """Good and all events, of each model by the first objective that fits it."""
        found: dict[Key, tuple[Key, Objective, array[float], array[float]]] = {}
        window = self.settings.rate_window
        raw_reader = replace(self.inquiry.reader("model"), window="1h")
        for objective in objectives_of(budget, self.settings):
            raws = events(budget, objective, raw_reader, "increase")
            fitting: tuple[Matcher, ...] = () if objective.match == ".*" else (("model_name", "=~", objective.match),)
            texts = [
                self._over_an_hour(selector(events_name(budget, which, window), (*self.inquiry.chosen, *fitting)))
                for which in ("good", "total")
            ]
            lines = []
            for recorded, raw in zip(texts, raws, strict=True):
                lines.append(self._course("objectives", self._either(recorded, raw), self.labels))
            for key in lines[0].keys() & lines[1].keys():
                found.setdefault(key, (key, objective, lines[0][key], lines[1][key]))
        return list(found.values())

    def _either(self, recorded: str, raw: str) -> Callable[[Grid], str]:
        return lambda part: recorded if self._on(part) else raw

    def alerts(self) -> list[Firing]:
        """Alerts, to the minute."""
        step = 60.0 * math.ceil(self.hours.count / (31 * 24))
        first = self.hours.start - HOUR
        return self.inquiry.firings(Grid(first, step, round((self.hours.end - first) / step) + 1))

    def busiest(self, models: Sequence[ModelWeek]) -> tuple[float, float] | None:
        """The minute with most requests that ended: its end, and how many; looked for in the busiest hours."""
        whole = [0.0] * self.hours.count
        for model in models:
            for line in model.finished.values():
                for n, value in enumerate(line):
                    whole[n] += value if value == value else 0.0
        window = max(60.0, 4 * (seconds(self.settings.scrape_interval) or 15.0))
        reader = self.inquiry.reader("model")
        rate = aggregate("sum", (), either([f"rate({one}[{window:g}s])" for one in reader.series(m.REQUEST_SUCCESS)]))
        most: tuple[float, float] | None = None
        for n in sorted(range(self.hours.count), key=lambda n: -whole[n])[:_BUSIEST]:
            minutes = Grid(self.hours.start + (n - 1) * HOUR + 60, 60.0, 60)
            for line in self.inquiry.course("the busiest minute", rate, minutes, ()).values():
                for at, value in zip(minutes.times, line, strict=True):
                    if value > 0 and (most is None or 60 * value > most[1]):
                        most = (at, 60 * value)
        return most

    def totals(self) -> Totals | None:
        """Some sums, to set a later span beside; None where there is not the whole of it."""
        seen = sum(any(line[n] > 0 for line in self.scraped.values()) for n in range(self.hours.count))
        if seen < _THERE * self.hours.count:
            return None

        def whole(metric: Metric) -> float:
            return math.fsum(value for line in self.grown(metric).values() for value in line if value == value)

        engine_seconds = math.fsum(value for line in self.engine_seconds().values() for value in line)
        return Totals(whole(m.REQUEST_SUCCESS), whole(m.PROMPT_TOKENS), whole(m.GENERATION_TOKENS), engine_seconds)


def _bounds(found: Course, key: Key) -> Mapping[float, array[float]]:
    """Lines by bucket bound."""
    bounds = {}
    for own, line in found.items():
        bound = bound_of(own[-1]) if own[:-1] == key else None
        if bound is not None:
            bounds[bound] = line
    return bounds
