"""The story of a week -> a document for text, Markdown and HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vllm_observability.catalog import slo
from vllm_observability.model import Unit
from vllm_observability.render.report.document import (
    Block,
    Course,
    Document,
    Grid,
    Heat,
    Rows,
    Section,
    words,
)
from vllm_observability.render.review.shared import (
    bands,
    bullets,
    called,
    minute,
    rounded,
    unseen_section,
    worst,
    written,
)
from vllm_observability.review.records import ModelStory, Place, Shares, Week
from vllm_observability.review.week import hours_of_week
from vllm_observability.words.phrases import English, Language, Phrase, Quantity, neutral, say

DAYS = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"), say("Sunday"),
)  # fmt: skip
LATENCIES = {
    "ttft": say("Time to first token"), "itl": say("Inter-token latency"), "e2e": say("End-to-end latency"),
}  # fmt: skip
_SHARES = (
    ("busy", say("busy"), say("moments when at least one request ran, by each engine's own gauge")),
    ("idle", say("idle"), say("the rest")),
    ("lost", say("lost"), say("of what was busy, an estimate: the three that follow")),
    ("recomputed", say("recomputed"), say(
        "computed again after preemptions: each a prompt and half an answer, at the cost of a prompt token in the "
        "quietest hours")),
    ("aborted", say("aborted"), say(
        "answers aborted or failed: their share of prefill, and half an answer of each aborted one")),
    ("spared", say("uncached"), say(
        "prefill that the prefix cache would have spared: prompt tokens computed that it held in the week's better "
        "hours")),
)  # fmt: skip
_GROWN = {
    "requests": say("requests"), "prompt_tokens": say("prompt tokens"), "output_tokens": say("output tokens"),
    "engine_hours": say("engine-hours"),
}  # fmt: skip
_MANY = 2 * 24  # hours from which on weekdays say something


def week_document(week: Week, language: Language | None = None) -> Document:
    """A week in one language."""
    spoken = language or English()
    write = spoken.write
    teller = _Teller(week, spoken)
    title = write(say("vLLM review: {name}", name=neutral(week.name)))
    subtitle = write(say(
        "{since} to {until} · {share} of the days from recorded series", since=spoken.moment(week.start),
        until=spoken.moment(week.end), share=Quantity(week.recorded_share, Unit.RATIO),
    ))  # fmt: skip
    sections = [
        Section("summary", write(say("In short")), (bullets(spoken, teller.summary()),)),
        *teller.first(),
        unseen_section(week.unseen, spoken),
        Section("when", write(say("When")), tuple(teller.when())),
        Section("models", write(say("What was done")), (teller.models(),)),
        Section("shares", write(say("Where the engine-hours went")), tuple(teller.shares())),
        *teller.costs(),
        Section("latency", write(say("How fast")), tuple(teller.latency())),
        *teller.alerts(),
    ]  # fmt: skip
    return Document(title, subtitle, tuple(sections), worst(week.firings), spoken.code)


class _Teller:
    def __init__(self, week: Week, spoken: Language) -> None:
        self.week, self.spoken = week, spoken
        self.places = [model.place for model in week.models if model.place]

    def _write(self, phrase: Phrase) -> str:
        return self.spoken.write(phrase)

    def _name(self, place: Place | None) -> str:
        return called(place, self.places) if place else self._write(say("all"))

    def _number(self, number: float | None, unit: Unit) -> str:
        return written(self.spoken, number, unit)

    # ------------------------------------------------------------------------------------------- in short

    def summary(self) -> Iterator[Phrase]:
        """What somebody should know who reads nothing else."""
        week, whole = self.week, self.week.whole
        yield say(
            "{requests} requests, {prompt} prompt tokens and {output} output tokens in {hours} engine-hours",
            requests=rounded(whole.requests, Unit.REQUESTS), prompt=rounded(whole.prompt_tokens, Unit.TOKENS),
            output=rounded(whole.output_tokens, Unit.TOKENS), hours=rounded(whole.engine_hours, Unit.NONE),
        )  # fmt: skip
        yield say(
            "Engines were busy for {busy} of their hours and idle for {idle}; {lost} of the hours were lost",
            busy=_percent(whole.shares.busy), idle=_percent(whole.shares.idle), lost=_percent(whole.shares.lost),
        )  # fmt: skip
        if whole.cost:
            yield say(
                "They cost {spend}, {idle} of it while idle; a million output tokens cost {million}",
                spend=rounded(whole.cost.spend, Unit.NONE), idle=rounded(whole.cost.idle, Unit.NONE),
                million=self._number(whole.cost.per_million_output, Unit.NONE),
            )  # fmt: skip
        yield from self._speed()
        yield from self._spent()
        fired = [one for one in week.alerts if one.severity in ("critical", "warning")]
        minutes = math.fsum(one.minutes for one in fired)
        yield say(
            "Alerts that page or warn fired {n} times, {time} in all", n=sum(one.count for one in fired),
            time=Quantity(float(round(minutes * 60)), Unit.SECONDS),
        ) if fired else say("No alert that pages or warns fired")  # fmt: skip
        if week.growth:
            parts = ", ".join(
                f"{self._write(_GROWN[name])} {self._signed(share)}" for name, share in week.growth.items()
            )
            yield say("Compared with the span before: {parts}", parts=parts)

    def _signed(self, share: float) -> str:
        return f"{'+' if share >= 0 else '−'}{self._number(abs(share), Unit.RATIO)}"

    def _speed(self) -> Iterator[Phrase]:
        """The first token of the models that are used most."""
        for model in sorted(self.week.models, key=lambda one: -one.requests)[:3]:
            for one in model.latencies:
                if one.of == "ttft" and one.mean is not None and one.p95 is not None:
                    yield say(
                        "{model}: first tokens after {mean} on average, 95 % of them within {p95}",
                        model=self._name(model.place), mean=rounded(one.mean, Unit.SECONDS),
                        p95=one.p95,
                    )  # fmt: skip

    def _spent(self) -> Iterator[Phrase]:
        over = [(one, model.place) for model in self.week.models for one in model.spent if one.spent > 1]
        for one, place in sorted(over, key=lambda row: -row[0].spent)[:2]:
            yield say(
                "{model} missed its objective for {what}: {share} were bad, {allowed} are allowed",
                model=self._name(place), what=say(slo.BY_KIND[one.kind].title), share=_percent(one.share),
                allowed=_percent(one.allowed),
            )  # fmt: skip
        if not over and any(model.spent for model in self.week.models):
            yield say("Every objective was kept")

    def first(self) -> Iterator[Section]:
        """What to do first, if anything."""
        if self.week.first:
            yield Section("first", self._write(say("What to do first")), (bullets(self.spoken, self.week.first),))

    # --------------------------------------------------------------------------------------------- tables

    def models(self) -> Block:
        """Counts of each model, and of all."""
        headings = (say("requests"), say("prompt tokens"), say("output tokens"), say("engine-hours"),
                    say("engines, mean"))  # fmt: skip
        rows = [
            (
                self._name(model.place), self._number(model.requests, Unit.REQUESTS),
                self._number(model.prompt_tokens, Unit.TOKENS), self._number(model.output_tokens, Unit.TOKENS),
                self._number(model.engine_hours, Unit.NONE), self._number(model.engines, Unit.NONE),
            )
            for model in self._all()
        ]  # fmt: skip
        return Grid(("", *map(self._write, headings)), tuple(rows))

    def _all(self) -> tuple[ModelStory, ...]:
        models = self.week.models
        return (*models, self.week.whole) if len(models) > 1 else models

    def shares(self) -> Iterator[Block]:
        """Busy, idle and lost, and how each was made."""
        yield Grid(("", *(self._write(title) for _, title, _ in _SHARES)), tuple(
            (self._name(model.place), *(self._number(_share(model.shares, name), Unit.RATIO) for name, _, _ in _SHARES))
            for model in self._all()
        ))  # fmt: skip
        yield Rows(
            tuple((words(self._write(title), "dim"), words(self._write(made), "dim")) for _, title, made in _SHARES)
        )

    def costs(self) -> Iterator[Section]:
        """What engines cost, where the site says their price."""
        priced = [model for model in self._all() if model.cost]
        if not priced:
            return
        headings = (say("per hour"), say("spend"), say("idle"), say("lost"), say("per 1M output"), say("per 1M tokens"))
        rows = []
        for model in priced:
            cost = model.cost
            assert cost
            numbers = (cost.price, cost.spend, cost.idle, cost.lost, cost.per_million_output, cost.per_million_tokens)
            rows.append((self._name(model.place), *(self._number(number, Unit.NONE) for number in numbers)))
        grid = Grid(("", *map(self._write, headings)), tuple(rows))
        yield Section("cost", self._write(say("What it cost")), (grid,))

    def latency(self) -> Iterator[Block]:
        """Percentiles, budgets and how requests ended."""
        models = self.week.models
        rows = [
            (f"{self._name(model.place)}: {self._write(LATENCIES[one.of])}",
             self._number(one.mean, Unit.SECONDS),
             *(self.spoken.quantity(bound) if bound else "–" for bound in (one.p50, one.p95, one.p99)))
            for model in models for one in model.latencies
        ]  # fmt: skip
        yield Grid(("", self._write(say("mean")), "p50", "p95", "p99"), tuple(rows))
        spent = [
            (f"{self._name(model.place)}: {self._write(say(slo.BY_KIND[one.kind].title))}",
             self._number(one.share, Unit.RATIO), self._number(one.allowed, Unit.RATIO),
             self._number(one.spent, Unit.RATIO))
            for model in models for one in model.spent
        ]  # fmt: skip
        if spent:
            headings = (say("objective"), say("bad"), say("allowed"), say("budget of the span spent"))
            yield Grid(tuple(map(self._write, headings)), tuple(spent))
        reasons = sorted({reason for model in models for reason, n in model.finished.items() if n >= 0.5})
        ended = [
            (
                self._name(model.place),
                *(self._number(model.finished.get(reason, 0.0), Unit.REQUESTS) for reason in reasons),
            )
            for model in models
        ]
        yield Grid((self._write(say("requests ended by")), *(neutral(reason) for reason in reasons)), tuple(ended))

    def alerts(self) -> Iterator[Section]:
        """How often, and for how long."""
        if not self.week.alerts:
            return
        headings = (say("alert"), say("severity"), say("times"), say("in all"))
        rows = [
            (one.alert, self._write(say(one.severity)), str(one.count), self._number(one.minutes * 60, Unit.SECONDS))
            for one in self.week.alerts
        ]
        yield Section("alerts", self._write(say("Alerts")), (Grid(tuple(map(self._write, headings)), tuple(rows)),))

    # ----------------------------------------------------------------------------------------------- when

    def when(self) -> Iterator[Block]:
        """The busiest minute, the worst hours, and pictures."""
        week = self.week
        rows = []
        if week.busiest:
            at, requests = week.busiest
            text = say("busiest minute: {n} requests ended", n=rounded(requests, Unit.REQUESTS))
            rows.append((words(self._day(at), "dim"), words(self._write(text))))
        for one in week.worst:
            text = say(
                "worst hour of {model}: {share} of {n} requests waited beyond the objective, or failed",
                model=self._name(one.place), share=_percent((one.late + one.failed) / one.requests),
                n=rounded(one.requests, Unit.REQUESTS),
            )  # fmt: skip
            rows.append((words(self._day(one.at), "dim"), words(self._write(text))))
        if rows:
            yield Rows(tuple(rows))
        yield from self._pictures()

    def _day(self, at: float) -> str:
        return f"{self._write(DAYS[int(at // 86_400 + 3) % 7])} {minute(self.spoken, at)}"

    def _pictures(self) -> Iterator[Block]:
        week, shaded = self.week, bands(self.week.firings, self.spoken)
        begin = week.hours.start - week.hours.step / 2
        yield Course(
            self._write(say("Requests by hour")), self._write(say("shaded: an alert that pages or warns fired")),
            Unit.REQUESTS, begin, week.hours.step, ((self._write(say("requests")), week.requests_by_hour),), (), shaded,
        )  # fmt: skip
        yield Course(
            self._write(say("Busy engines by hour")), self._write(say("share of the engine-time with a request")),
            Unit.RATIO, begin, week.hours.step, ((self._write(say("busy")), week.busy_by_hour),), (), shaded,
        )  # fmt: skip
        if week.hours.count >= _MANY and any(value > 0 for value in week.late_by_hour):
            found = hours_of_week(week)
            rows = tuple(
                (self._write(day), tuple(found.get((number, hour)) for hour in range(24)))
                for number, day in enumerate(DAYS)
            )
            yield Heat(
                self._write(say("When users waited")),
                self._write(say("share of first tokens beyond the objective, by weekday and hour (UTC)")),
                tuple(f"{hour:02d}" for hour in range(24)), rows,
            )  # fmt: skip


def _share(shares: Shares, name: str) -> float | None:
    found: float | None = getattr(shares, name)
    return found


def _percent(share: float) -> Quantity:
    return Quantity(float(f"{share:.3g}"), Unit.RATIO)
