"""Report -> document: what is said, in which order, in one language; the verdict first, what is missing last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from vllm_observability.catalog import figures as f
from vllm_observability.model import Quality, Unit
from vllm_observability.render.report.document import (
    Bars,
    Block,
    Bullets,
    Card,
    Document,
    Grid,
    Level,
    Mark,
    Para,
    Rows,
    Section,
    Words,
    words,
)
from vllm_observability.render.report.glance import engines, glance
from vllm_observability.report.records import RANK, Coverage, Distribution, Figure, Report, has
from vllm_observability.words.phrases import Arg, Language, Quantity, neutral, say

# A page may hold thousands of models, engines or faults: so many are printed, all of them are in the JSON.
MODELS, ROWS = 12, 40
AREAS = {
    "health": "Health",
    "performance": "Performance",
    "cache": "Cache",
    "memory": "Memory",
    "scalability": "Scalability",
}
VERDICTS = ("good", "watch", "problem", "unknown")
STATES = ("present", "declared-empty", "off", "absent")
SEVERITIES = ("critical", "warning", "info", "ok")
MISSING = ("absent", "declared-empty")  # states of which a section says why; what is off is a choice
BESIDE = {
    "load": "requests", "requests": "requests", "tokens": "requests", "rates": "requests", "latency": "latency",
    "kv_cache": "cache", "capacity": "cache", "prefix_cache": "cache", "http": "http", "process": "context",
}  # fmt: skip
BETWEEN = " · "
_METRIC = re.compile(r"[a-z]\w*(:|_)\w")  # at the beginning of a sentence
TOLD = ("consistency", "page", "series", "labels", "kind")  # topics that are said although nothing is missing


def document(report: Report, language: Language) -> Document:
    """The report in words of one language."""
    return _Author(report, language).document()


class _Author:
    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.language = language

    def document(self) -> Document:
        """Every section that has something to say."""
        return Document(
            title=self.say("vLLM report: {name}", name=self.report.source.name),
            subtitle=self._subtitle(),
            sections=tuple(self._noted(self._sections())),
            worst=self.report.worst,
            language=self.language.code,
        )

    def _noted(self, sections: Iterable[Section]) -> Iterator[Section]:
        """Each section with what is missing of it, said once."""
        left = {topic: c for c in self.report.coverage if (topic := c.topic) in BESIDE and c.state in MISSING}
        for section in sections:
            own = [left.pop(topic) for topic in list(left) if BESIDE[topic] == section.id]
            notes = (Para(words(f"{self._sentence(self.language.write(c.detail))}{self._hint(c)}", "dim")) for c in own)
            yield replace(section, blocks=(*section.blocks, *notes))

    def _sections(self) -> Iterator[Section]:
        yield self._section("summary", "In short", [Bullets(tuple(self._sentence(p) for p in self._summary()))])
        if blocks := glance(self.report, self.language):
            yield self._section("glance", "At a glance", blocks)
        yield self._findings()
        if self.report.advice:
            lines = (self._sentence(f"{a.setting}: {self.language.write(a.text)}") for a in self.report.advice)
            yield self._section("advice", "Advice", [Bullets(tuple(lines))])
        yield self._insights()
        for labels in self._wholes():
            whose = self._of(labels).removeprefix(BETWEEN)
            suffix = f": {whose}" if whose else ""
            yield self._requests(labels, suffix)
            yield self._latency(labels, suffix)
        yield self._cache()
        if blocks := engines(self.report, self.language):
            yield self._section("engines", "Engines side by side", blocks)
        yield self._http()
        yield from self._process()
        yield self._context()
        yield self._coverage()

    def _wholes(self) -> list[Mapping[str, str]]:
        """Labels of everything that has sections of its own: models, and parts of them that are kept apart."""
        found: list[Mapping[str, str]] = []
        for model in self.report.models[:MODELS]:
            parts = [labels for labels in self.report.wholes if labels.get("model_name", "") == model.name]
            found += parts or [{"model_name": model.name}]
        return found[:MODELS] or [{}]

    # --------------------------------------------------------------------------------------- parts

    def _subtitle(self) -> str:
        source, engine = self.report.source, self.report.engine
        low, high = engine.version_range
        window = (
            self.say("growth over {span}", span=Quantity(source.window_seconds, Unit.SECONDS))
            if source.window_seconds
            else self.say("totals since the server started")
            if source.kind != "pair"
            else self.say("growth between two pages")
        )
        prefix = self.say(" · prefix {prefix}", prefix=engine.prefix) if engine.prefix != "vllm:" else ""
        return self.say("{version}, by its metric names", version=self._version(low, high)) + f"{prefix} · {window}"

    def _version(self, low: str | None, high: str | None) -> str:
        if low and high:
            return f"vLLM {low}" if low == high else self.say("vLLM {low} to {high}", low=low, high=high)
        if low:
            return self.say("vLLM {low} or later", low=low)
        return self.say("vLLM up to {high}", high=high) if high else self.say("vLLM, version unknown")

    def _summary(self) -> Iterator[str]:
        yield from (self.language.write(phrase) for phrase in self.report.summary)

    def _coverage(self) -> Section:
        missing = [c for c in self.report.coverage if c.state != "present" or c.topic in TOLD]
        idle = [c for c in self.report.coverage if c not in missing and c.topic in ("latency", "requests") and c.quiet]
        if not missing and not idle:
            return self._section("coverage", "Coverage", [self._para("This page answers every question below.")])
        rows = []
        for c in (*missing, *idle)[:ROWS]:
            detail = self._sentence(self.language.write(c.detail)) + self._hint(c)
            rows.append((words(self.say(c.topic.replace("_", " "))), words(self.say(c.state), "dim"), words(detail)))
        left = self._left(len(missing) + len(idle), ROWS)
        return self._section("coverage", "What this page can't answer, and why", [Rows(tuple(rows)), *left])

    def _hint(self, coverage: Coverage) -> str:
        return f" {self.language.write(coverage.next)}" if coverage.next else ""

    def _context(self) -> Section:
        report, rows = self.report, []
        for model in report.models[:MODELS]:
            size = self.say("{size} parameters", size=model.size) if model.size else None
            facts = [fact for fact in (size, model.quantisation) if fact]
            inferred = self.say(" ({facts}; read from the name)", facts=", ".join(facts)) if facts else ""
            rows.append(self._row("Model", neutral(model.name) + inferred))
        rows += [(words(""), note.words) for note in self._left(len(report.models), MODELS)]
        if report.python:
            rows.append(self._row("Python", neutral(report.python)))
        if report.started:
            uptime = report.source.uptime_seconds
            up = self.say(", up {span}", span=Quantity(uptime, Unit.SECONDS)) if uptime is not None else ""
            rows.append(self._row("Started", self.language.moment(report.started) + up))
        rows += self._printed("context", {})
        return self._section("context", "Context", [Rows(tuple(rows))])

    def _requests(self, labels: Mapping[str, str], suffix: str) -> Section:
        report, rows = self.report, []
        reasons = [figure for figure in report.all(f.FINISHED) if has(figure, labels)]
        if reasons:
            ends = [(self._figure(r), neutral(r.labels.get("finished_reason", "?"))) for r in reasons if r.value]
            parts = ", ".join(f"{number} {reason}" for number, reason in ends)
            whole = self._show(sum(r.value for r in reasons), Unit.REQUESTS)
            rows.append(self._row(f.FINISHED.title, f"{whole} ({parts or self.say('none')})"))
        rows += self._printed("requests", labels)
        return self._section("requests", "Requests and tokens", [Rows(tuple(rows))], suffix)

    def _latency(self, labels: Mapping[str, str], suffix: str) -> Section:
        report, rows = self.report, []
        for latency in f.LATENCIES:
            cells = [report.find(column, **labels) for column in latency.columns]
            if not any(cells):
                continue
            row = [self._figure(figure) if figure else "–" for figure in cells]
            if share := report.find(latency.share, **labels):
                row[-1] += f" ({self._figure(share)})"
            indent = "  " if latency.part else ""
            rows.append((indent + self.say(latency.title), *row))
        if not rows:
            return self._section("latency", "Latency", [self._para("No request was timed in the window.")], suffix)
        headings = ("", self.say("mean"), "p50", "p95", "p99", self.say(">= 99 % within"))
        blocks: list[Block] = [Grid(headings, tuple(rows))]
        if speed := report.find(f.DECODE_SPEED, **labels):
            blocks.append(Para(words(self._written(speed))))
        blocks += [self._bars(d) for d in report.distributions if d.labels == _held(labels)]
        return self._section("latency", "Latency", blocks, suffix)

    def _bars(self, distribution: Distribution) -> Bars:
        latency, labels = distribution.of, dict(distribution.labels)
        marks = []
        for row, name, style in (
            (latency.mean, self.say("mean"), "mean"),
            (latency.p50, "p50", "p50"),
            (latency.p95, "p95", "p95"),
        ):
            if figure := self.report.find(row, **labels):
                marks.append(Mark(figure.value, f"{name} {self._figure(figure)}", style))
        for row in latency.rows:
            marks += self._bounds(row, labels)
        count = self._show(sum(distribution.counts), Unit.COUNT)
        caption = self.say("{n} observations, by bucket; the last bar is everything above the last bound", n=count)
        return Bars(self.say(latency.title), caption, distribution, tuple(marks))

    def _bounds(self, of: f.FigureRow, labels: Mapping[str, str]) -> list[Mark]:
        """The thresholds by which the figure was judged, by size; the most severe of equal ones."""
        found = []
        limits = self.report.limits(of, labels.get("model_name"))
        worst = {limit: severity for severity, limit in sorted(limits, key=lambda each: (each[1], RANK[each[0]]))}
        for limit, severity in worst.items():
            text = self.say("{severity} {bound}", severity=self.say(severity), bound=self._show(limit, of.unit))
            found.append(Mark(limit, text, severity))
        return found

    def _cache(self) -> Section:
        report, rows = self.report, []
        blocks: list[Block] = []
        for figure in report.all(f.KV_USAGE)[:ROWS]:
            whose = f"{_engine(figure, self.report.apart)}{self._of(figure.labels)}"
            text = f"{self._figure(figure)}{self._blocks_used(figure)}{whose}"
            rows.append(self._row(f.KV_USAGE.title, text))
            title = self.say(f.KV_USAGE.title) + whose
            marks = tuple(self._bounds(f.KV_USAGE, figure.labels))
            blocks.append(Level(title, figure.value, self._figure(figure), marks))
        for figure in report.all(f.KV_CAPACITY)[:ROWS]:
            blocks_of = report.find(f.KV_BLOCKS, **figure.labels)
            size = report.find(f.KV_BLOCK_SIZE, **figure.labels)
            made = ""
            if blocks_of and size:
                made = self.say(" ({blocks} blocks x {size})", blocks=blocks_of.quantity, size=size.quantity)
            whose = f"{_engine(figure, self.report.apart)}{self._of(figure.labels)}"
            rows.append(self._row(f.KV_CAPACITY.title, self.say(f.TOKENS, value=figure.quantity) + made + whose))
        for row in f.printed("cache"):
            for figure in _distinct(report.all(row))[:ROWS]:
                rows.append(self._row(row.title, self._written(figure) + self._of(figure.labels)))
        shown = max(len(report.all(row)) for row in (f.KV_USAGE, f.KV_CAPACITY, f.PREEMPTIONS))
        blocks = [Rows(tuple(rows)), *self._left(shown, ROWS), *blocks]
        return self._section("cache", "KV cache and prefix cache", blocks)

    def _blocks_used(self, figure: Figure) -> str:
        blocks = self.report.all(f.KV_BLOCKS)
        if len(blocks) != 1:
            return ""
        # V1 keeps one block to itself, and later versions leave it out of the usage: the count that comes out whole.
        whole = min(
            (blocks[0].value, blocks[0].value - 1), key=lambda n: abs(n * figure.value - round(n * figure.value))
        )
        used, usable = (Quantity(float(round(n)), Unit.BLOCKS) for n in (whole * figure.value, whole))
        return self.say(" ({used} of {all} blocks)", used=used, all=usable)

    def _http(self) -> Section:
        rows = []
        requests = self.report.all(f.HTTP_REQUESTS)
        if success := self.report.find(f.HTTP_SUCCESS):
            total = Quantity(sum(each.value for each in requests), Unit.REQUESTS)
            answered = self.say("{n}, {share} of them 2xx", n=total, share=success.quantity)
            rows.append(self._row(f.HTTP_SUCCESS.title, answered))
        by_size = sorted((each for each in requests if each.value), key=lambda each: -each.value)
        for each in by_size[:8]:
            what = " ".join(neutral(each.labels.get(k, ""), 40) for k in ("method", "handler", "status"))
            rows.append((words(f"  {self._figure(each)}"), words(what)))
        blocks = [Rows(tuple(rows))] if rows else [self._para("No HTTP requests on this page.")]
        return self._section("http", "HTTP", blocks)

    def _process(self) -> Iterator[Section]:
        collections = self.report.all(f.GC_COLLECTIONS)
        if not collections:
            return
        parts = [
            self.say("{n} in generation {generation}", n=each.quantity, generation=each.labels.get("generation", "?"))
            for each in collections
        ]
        stuck = self.report.find(f.GC_UNCOLLECTABLE)
        left = (
            self.say("nothing uncollectable")
            if not stuck or not stuck.value
            else self.say("{n} objects uncollectable", n=stuck.quantity)
        )
        line = Para(words(f"{', '.join(parts)}; {left}."))
        yield self._section("process", "Garbage collection", [line])

    def _insights(self) -> Section:
        rows = tuple(
            (
                words(self.say(AREAS[i.area])),
                words(self.say(i.verdict), i.verdict),
                words(self._sentence(self.language.write(i.reason))),
            )
            for i in self.report.insights
        )
        return self._section("insights", "Insights", [Rows(rows)])

    def _findings(self) -> Section:
        bad = [finding for finding in self.report.findings if finding.severity != "ok"]
        if not bad:
            fine = self._para("No threshold is passed, as far as this page can be judged.")
            return self._section("findings", "Findings", [fine, *self._not_judged()])
        blocks: list[Block] = []
        for found in bad[:ROWS]:
            told = (
                (self.say("Evidence"), found.evidence), (self.say("Cause"), found.cause),
                (self.say("First step"), found.advice),
            )  # fmt: skip
            lines = tuple((title, self._sentence(self.language.write(p))) for title, p in told if p)
            severity, title = self.say(found.severity), self.language.write(found.title)
            whose = self._of(dict(found.labels))
            blocks.append(Card(found.severity, severity, title, whose, found.alert or "", lines))
        return self._section("findings", "Findings", [*blocks, *self._left(len(bad), ROWS), *self._not_judged()])

    def _not_judged(self) -> Iterator[Block]:
        """Alerts that nothing here can answer, so that nobody takes silence for health."""
        if not self.report.not_judged:
            return
        yield self._para("Not judged:")
        for each in self.report.not_judged:
            why = self.language.write(each.why)
            yield Para(words(f"{', '.join(each.alerts)} ({why})", "dim"), indented=True)

    # ------------------------------------------------------------------------------------- helpers

    def say(self, text: str, /, **args: Arg) -> str:
        """A template of this module in the language of the report."""
        return self.language.write(say(text, **args))

    def _row(self, label: str, text: str) -> tuple[Words, ...]:
        return (words(self.say(label)), words(text))

    def _para(self, text: str) -> Para:
        return Para(words(self.say(text)))

    def _of(self, labels: Mapping[str, str]) -> str:
        """Whose a row is, where there are several models, or parts of one that are kept apart."""
        model = labels.get("model_name", "") if len(self.report.models) > 1 else ""
        parts = [f"{neutral(k, 40)} {neutral(labels[k], 40)}" for k in self.report.apart if labels.get(k)]
        named = ", ".join([neutral(model, 40)] * bool(model) + parts)
        return f"{BETWEEN}{named}" if named else ""

    def _printed(self, section: f.Section, labels: Mapping[str, str]) -> list[tuple[Words, ...]]:
        """A row for each figure of a section that the report has."""
        found = ((row, self.report.find(row, **labels)) for row in f.printed(section))
        return [self._row(row.title, self._written(figure)) for row, figure in found if figure]

    def _written(self, figure: Figure) -> str:
        """A figure as its row says it."""
        digits = figure.of.digits
        value: Arg = self.language.significant(figure.value, digits) if digits else figure.quantity
        made = self.say(" (from totals: tokens by finished requests)") if figure.quality is Quality.APPROXIMATE else ""
        return self.say(figure.of.template, value=value) + made

    def _figure(self, figure: Figure) -> str:
        return self.language.quantity(figure.quantity)

    def _show(self, number: float, unit: Unit) -> str:
        return self.language.quantity(Quantity(float(number), unit))

    def _section(self, id: str, title: str, blocks: Sequence[Block], suffix: str = "") -> Section:
        return Section(id, self.say(title) + suffix, tuple(blocks))

    def _left(self, found: int, shown: int) -> list[Para]:
        """What is to be said of rows that are not printed."""
        if found <= shown:
            return []
        return [Para(words(self.say("… and {n} more; --format json has all of them.", n=found - shown), "dim"))]

    def _sentence(self, text: str) -> str:
        """With a capital, unless a metric's name begins it, and a full stop."""
        text = text.strip()
        first = text[:1] if _METRIC.match(text) else text[:1].upper()
        return first + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else text


def _held(labels: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in labels.items() if v}


def _engine(figure: Figure, apart: Sequence[str]) -> str:
    """What tells the engine of a figure from the others."""
    own = ((k, v) for k, v in figure.labels.items() if k != "model_name" and k not in apart)
    return "".join(f", {neutral(k, 40)} {neutral(v)}" for k, v in own)


def _distinct(figures: Sequence[Figure]) -> list[Figure]:
    """Figures of several engines that say the same are said once."""
    seen: dict[tuple[object, float], Figure] = {}
    for figure in figures:
        whole = tuple((k, v) for k, v in figure.labels.items() if k != "engine")
        seen.setdefault((whole, figure.value), figure)
    return list(seen.values())
