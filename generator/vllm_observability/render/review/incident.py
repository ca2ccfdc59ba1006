"""The story of an incident -> a document for text, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.model import Unit
from vllm_observability.render.report.document import (
    Block,
    Course,
    Document,
    Grid,
    Mark,
    Para,
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
from vllm_observability.review.incident import titled, told
from vllm_observability.review.records import Felt, Incident, Split
from vllm_observability.words.phrases import English, Language, Phrase, Quantity, neutral, say

_LINES = 60  # of the time line; all of them are in the JSON


def incident_document(found: Incident, language: Language | None = None) -> Document:
    """An incident in one language."""
    spoken = language or English()
    write, teller = spoken.write, _Teller(found, spoken)
    title = write(say("vLLM incident: {name}", name=neutral(found.name)))
    asked = write(say(" · led by {alert}", alert=found.alert)) if found.alert else ""
    subtitle = write(say(
        "{since} to {until}, compared with {before} before", since=spoken.moment(found.start),
        until=spoken.moment(found.end), before=Quantity(found.begin * found.grid.step, Unit.SECONDS),
    )) + asked  # fmt: skip
    sections = [
        Section("summary", write(say("In short")), (bullets(spoken, teller.summary()),)),
        unseen_section(found.unseen, spoken),
        *teller.pictures(),
        Section("line", write(say("Order of events")), tuple(teller.line())),
        *teller.felt(),
        *teller.alerts(),
    ]
    return Document(title, subtitle, tuple(sections), worst(found.alerts), spoken.code)


class _Teller:
    def __init__(self, found: Incident, spoken: Language) -> None:
        self.found, self.spoken = found, spoken
        self.places = [split.place for split in found.splits]

    def _write(self, phrase: Phrase) -> str:
        return self.spoken.write(phrase)

    def _number(self, number: float | None, unit: Unit) -> str:
        return written(self.spoken, number, unit)

    # ------------------------------------------------------------------------------------------- in short

    def summary(self) -> Iterator[Phrase]:
        """The first sign, whose it was, what users felt, how long, where to go."""
        found = self.found
        if found.first:
            yield say("First sign, {at}: {what}", at=minute(self.spoken, found.first.at), what=told(found.first))
            if found.together:
                yield say("Within minutes of that: {what}", what=_all([titled(sign) for sign in found.together]))
        else:
            yield say("Nothing that was compared differs from the time before")
        for one in found.felt:
            yield from self._felt(one)
        if found.began is not None:
            if found.ended is None:
                yield say("It was still going on at the end of the span")
            else:
                yield say(
                    "From the first sign to the end of the last one: {time}",
                    time=Quantity(max(found.ended - found.began, found.grid.step), Unit.SECONDS),
                )  # fmt: skip
        if found.runbooks:
            alert, address = found.runbooks[0]
            yield say("Runbook of {alert}: {address}", alert=alert, address=address)
        yield say("This is the order in time; it does not say what caused what")

    def _felt(self, one: Felt) -> Iterator[Phrase]:
        bad = one.late is not None and one.late_share is not None and one.late >= 1
        if bad:
            yield say(
                "{model}: {n} requests, {share}, waited for their first token longer than the objective allows; "
                "{before} before",
                model=called(one.place, self.places), n=rounded(one.late or 0.0, Unit.COUNT),
                share=self._number(one.late_share, Unit.RATIO), before=self._number(one.late_share_before, Unit.RATIO),
            )  # fmt: skip
        if one.failed >= 1:
            yield say(
                "{model}: {n} requests, {share}, ended with an error; {before} before",
                model=called(one.place, self.places), n=rounded(one.failed, Unit.COUNT),
                share=self._number(one.failed_share, Unit.RATIO),
                before=self._number(one.failed_share_before, Unit.RATIO),
            )  # fmt: skip

    # --------------------------------------------------------------------------------------------- tables

    def line(self) -> Iterator[Block]:
        """Every happening with its time."""
        shown = self.found.line[:_LINES]
        if not shown:
            yield Para(words(self._write(say("Nothing happened"))))
            return
        yield Rows(tuple(
            (words(minute(self.spoken, one.at), "dim"), words(self._write(one.text), one.severity)) for one in shown
        ))  # fmt: skip
        if len(self.found.line) > _LINES:
            left = len(self.found.line) - _LINES
            yield Para(words(self._write(say("{n} more are in the JSON", n=left)), "dim"))

    def felt(self) -> Iterator[Section]:
        """By model, from the first sign on."""
        if not self.found.felt:
            return
        headings = (say("requests"), say("late"), say("share"), say("before"), say("failed"), say("share"),
                    say("before"))  # fmt: skip
        rows = tuple(
            (
                called(one.place, self.places), self._number(one.requests, Unit.REQUESTS),
                self._number(one.late, Unit.COUNT), self._number(one.late_share, Unit.RATIO),
                self._number(one.late_share_before, Unit.RATIO), self._number(one.failed, Unit.COUNT),
                self._number(one.failed_share, Unit.RATIO), self._number(one.failed_share_before, Unit.RATIO),
            )
            for one in self.found.felt
        )  # fmt: skip
        yield Section("felt", self._write(say("What users felt")), (Grid(("", *map(self._write, headings)), rows),))

    def alerts(self) -> Iterator[Section]:
        """Alerts with their times, and their runbooks."""
        if not self.found.alerts:
            return
        headings = (say("alert"), say("severity"), say("from"), say("for"))
        rows = tuple(
            (one.alert, self._write(say(one.severity)), minute(self.spoken, one.since),
             self._number(one.seconds, Unit.SECONDS))
            for one in self.found.alerts[:_LINES]
        )  # fmt: skip
        books = Rows(tuple((words(alert), words(address)) for alert, address in self.found.runbooks))
        grid = Grid(tuple(map(self._write, headings)), rows)
        yield Section("alerts", self._write(say("Alerts and their runbooks")), (grid, books))

    # ------------------------------------------------------------------------------------------- pictures

    def pictures(self) -> Iterator[Section]:
        """Load, and the first token by its parts, of each model."""
        for number, split in enumerate(self.found.splits):
            name = called(split.place, self.places)
            title = self._write(say("{model} over time", model=name))
            yield Section(f"picture-{number}", title, tuple(self._courses(split)))

    def _courses(self, split: Split) -> Iterator[Block]:
        found, grid = self.found, self.found.grid
        marks = (Mark(found.first.at, self._write(say("first sign")), "critical"),) if found.first else ()
        own = [one for one in found.alerts if one.labels.get("model_name", split.place.model) == split.place.model]
        shaded, caption = bands(own, self.spoken), self._write(say("shaded: an alert that pages or warns fired"))
        yield Course(
            self._write(say("Requests that came, per second")), caption, Unit.REQUESTS_PER_SECOND, grid.start,
            grid.step, ((self._write(say("requests")), split.load),), marks, shaded,
        )  # fmt: skip
        lines = ((say("queue"), split.queue), (say("prefill"), split.prefill), (say("rest"), split.rest))
        yield Course(
            self._write(say("Time to the first token, mean")),
            self._write(say("its parts; queue and prefill come from requests that ended")), Unit.SECONDS,
            grid.start, grid.step, tuple((self._write(name), values) for name, values in lines), marks, shaded,
        )  # fmt: skip


def _all(phrases: Sequence[Phrase]) -> Phrase:
    """One after the other."""
    first, *rest = phrases
    return say("{first}; {rest}", first=first, rest=_all(rest)) if rest else first
