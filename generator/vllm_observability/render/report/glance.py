"""Report -> what stands under the verdict: main figures as tiles, where a request's time goes, engines side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vllm_observability.catalog import checks
from vllm_observability.catalog import figures as f
from vllm_observability.catalog.figures import FigureRow
from vllm_observability.model import Check, Unit
from vllm_observability.pages.evaluate import Group as Labels
from vllm_observability.render.report.document import Block, Grid, Portion, Split, Tile, Tiles
from vllm_observability.report.records import RANK, Figure, Judged, Report
from vllm_observability.report.verdicts import largest
from vllm_observability.words.phrases import Language, Phrase, Quantity, neutral, say

WHOLES, ENGINES = 3, 40  # as many bars and engines as fit
LEAST = 0.001  # a share below it is not 0, and no digit of it matters
# What is worth a column, under a name that fits one.
SIDE_BY_SIDE = (
    (checks.KV_CACHE_USAGE, say("KV cache")),
    (checks.REQUESTS_WAITING, say("waiting")),
    (checks.TTFT, say("TTFT p95")),
    (checks.ITL, say("ITL p95")),
    (checks.QUEUE_TIME, say("queue time")),
    (checks.PREEMPTIONS, say("preempted")),
)
PHASES = (
    (f.QUEUE_TIME.mean, say("queue")),
    (f.PREFILL_TIME.mean, say("prefill")),
    (f.DECODE_TIME.mean, say("decode")),
)


@dataclass(frozen=True)
class _Main:
    """A main figure: `summed` over models, else their largest; judged as `check` is; `beside` is said below it."""

    title: Phrase
    of: FigureRow
    check: Check | None = None
    summed: bool = False
    beside: FigureRow | None = None


# In the order in which one looks; a figure that the page lacks has no tile.
MAIN = (
    _Main(say("First token, p95"), f.TTFT.p95, checks.TTFT, beside=f.TTFT.mean),
    _Main(say("Token gap, p95"), f.ITL.p95, checks.ITL, beside=f.ITL.mean),
    _Main(say("End to end, p95"), f.E2E.p95, beside=f.E2E.mean),
    _Main(say("Output tokens per second"), f.GENERATION_RATE, summed=True),
    _Main(say("Requests finished"), f.FINISHED, summed=True),
    _Main(say("Running now"), f.RUNNING, summed=True),
    _Main(say("Waiting now"), f.WAITING, checks.REQUESTS_WAITING, summed=True),
    _Main(say("KV cache in use"), f.KV_USAGE, checks.KV_CACHE_USAGE),
    _Main(say("Prefix cache hits"), f.PREFIX_HIT),
)


def glance(report: Report, language: Language) -> tuple[Block, ...]:
    """Tiles, and a bar for each of the first models."""
    tiles = tuple(tile for main in MAIN if (tile := _tile(main, report, language)))
    return (*([Tiles(tiles)] if tiles else []), *_splits(report, language), *_batch(report, language))


def _tile(main: _Main, report: Report, language: Language) -> Tile | None:
    figures = report.all(main.of)
    shown = largest(figures, main.of)
    if shown is None or (main.summed and report.apart):  # parts that are kept apart are never added up
        return None
    number = Quantity(sum(figure.value for figure in figures), main.of.unit) if main.summed else shown.quantity
    judged = [j for j in report.judged if j.check is main.check]
    worst = max(judged, key=lambda j: RANK[j.severity], default=None)
    return Tile(
        language.write(main.title),
        language.quantity(number),
        ", ".join(language.write(note) for note in _notes(main, shown, worst, report)),
        worst.severity if worst else "",
    )


def _notes(main: _Main, shown: Figure, worst: Judged | None, report: Report) -> Iterator[Phrase]:
    """The mean beside a percentile, and the threshold beside what is past it."""
    if main.beside and (mean := report.find(main.beside, **dict(shown.labels))):
        yield say("mean {value}", value=mean.quantity)
    if worst and worst.severity != "ok" and worst.limit is not None and worst.signal is main.of.signal:
        yield say("threshold {bound}", bound=Quantity(worst.limit, main.of.unit))


def _splits(report: Report, language: Language) -> Iterator[Split]:
    """Of models whose phases are all known."""
    queues = report.all(PHASES[0][0])
    for queue in queues[:WHOLES]:
        means = [(title, report.find(row, **dict(queue.labels))) for row, title in PHASES]
        known = [(title, mean) for title, mean in means if mean]
        whole = sum(mean.value for _, mean in known)
        if len(known) < len(PHASES) or whole <= 0:
            continue
        apart = (f"{label} {queue.labels[label]}" for label in report.apart if label in queue.labels)
        parts = [queue.labels.get("model_name", ""), *apart]
        whose = "".join(f" · {neutral(part, 40)}" for part in parts) if len(queues) > 1 else ""
        yield Split(
            language.write(say("Where the time of a mean request goes")) + whose,
            tuple(_portion(title, mean, mean.value / whole, language) for title, mean in known),
        )


def _batch(report: Report, language: Language) -> Iterator[Split]:
    """Of the requests that are here now, how many run: the metrics do not say how many may."""
    parts = [
        (title, Quantity(sum(each.value for each in report.all(row)), Unit.REQUESTS))
        for row, title in ((f.RUNNING, say("running")), (f.WAITING, say("waiting")))
        if report.all(row)
    ]
    whole = sum(quantity.number for _, quantity in parts)
    if len(parts) == 2 and whole > 0 and not report.apart:
        portions = (Portion(language.write(t), q.number / whole, language.quantity(q)) for t, q in parts)
        yield Split(language.write(say("Requests at that moment")), tuple(portions))


def _portion(title: Phrase, mean: Figure, share: float, language: Language) -> Portion:
    tiny = 0 < share < LEAST
    percent = ("< " if tiny else "") + language.quantity(Quantity(LEAST if tiny else round(share, 3), Unit.RATIO))
    return Portion(language.write(title), share, f"{language.quantity(mean.quantity)} ({percent})")


def engines(report: Report, language: Language) -> tuple[Block, ...]:
    """What checks say of each engine, engines as rows; nothing where there is one."""
    rows: dict[Labels, dict[str, str]] = {}
    for judged in report.judged:
        for engine, value in judged.engines.items():
            unit = judged.signal.unit if judged.signal else Unit.NONE
            number = Quantity(value.number, unit, value.quality)
            rows.setdefault(engine, {})[judged.check.id] = language.quantity(number)
    asked = [(check, title) for check, title in SIDE_BY_SIDE if any(check.id in cells for cells in rows.values())]
    headings = (language.write(say("engine")), *(language.write(title) for _, title in asked))
    several = len({dict(engine).get("model_name") for engine in rows}) > 1
    table = tuple(
        (engine_title(engine, several), *(cells.get(check.id, "–") for check, _ in asked))
        for engine, cells in sorted(rows.items())[:ENGINES]
        if any(check.id in cells for check, _ in asked)
    )
    return (Grid(headings, table),) if len(table) > 1 else ()


def engine_title(engine: Labels, several: bool) -> str:
    """An engine by its own labels, and by its model where there are `several` or nothing else is known of it."""
    labels = dict(engine)
    model = neutral(labels.pop("model_name", ""), 40)
    own = [neutral(value, 40) for _, value in sorted(labels.items()) if value]
    return " · ".join((*own, *([model] if several or not own else []))) or "?"
