"""Looks at a server -> one screen: main figures with the last minutes as sparklines, engines as rows, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vllm_observability.catalog import figures as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.figures import FigureRow
from vllm_observability.model import Signal
from vllm_observability.pages.evaluate import Answer
from vllm_observability.pages.evaluate import Group as Labels
from vllm_observability.render.report.glance import engine_title
from vllm_observability.render.report.text import STYLE
from vllm_observability.report.records import Report
from vllm_observability.report.verdicts import largest
from vllm_observability.words.phrases import Language, Phrase, Quantity, neutral, say

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"  # a look that failed, or did not have this number
FINDINGS = 3


@dataclass(frozen=True)
class Trend:
    """A main figure: its largest over models, or their sum. `growth`: one page alone has only its total."""

    title: Phrase
    of: FigureRow
    summed: bool = False
    growth: bool = False


TRENDS = (
    Trend(say("Output tokens/s"), f.GENERATION_RATE, summed=True, growth=True),
    Trend(say("Running now"), f.RUNNING, summed=True),
    Trend(say("Waiting now"), f.WAITING, summed=True),
    Trend(say("KV cache in use"), f.KV_USAGE),
    Trend(say("First token, p95"), f.TTFT.p95, growth=True),
    Trend(say("Token gap, p95"), f.ITL.p95, growth=True),
)


@dataclass(frozen=True)
class Column:
    """A question to each engine, and the key that sorts by its answer."""

    key: str
    title: Phrase
    signal: Signal


COLUMNS = (
    Column("r", say("running"), s.RUNNING),
    Column("w", say("waiting"), s.WAITING),
    Column("k", say("KV cache"), s.KV_USAGE),
    Column("t", say("tokens/s"), s.GENERATION_RATE),
    Column("f", say("first token"), s.TTFT_MEAN),
    Column("l", say("token gap"), s.ITL_MEAN),
)
BY_NAME = "n"
KEYS = (BY_NAME, *(column.key for column in COLUMNS))


@dataclass(frozen=True)
class Look:
    """What one look found: a report, and the answers of engines by the key of their column. `why`: it failed."""

    moment: str
    report: Report | None = None
    engines: Mapping[str, Answer] = field(default_factory=dict)
    why: str = ""


def screen(
    looks: Sequence[Look], sort: str, seconds: float, size: tuple[int, int], language: Language
) -> RenderableType:
    """The last look, with those before it as sparklines, on so many columns and lines."""
    width, height = size
    latest = looks[-1]
    known = next((look for look in reversed(looks) if look.report), None)
    head = [_head(latest, known, seconds, language)]
    if latest.why:
        head.append(Text(latest.why, style=STYLE["critical"], overflow="ellipsis", no_wrap=True))
    if known is None or known.report is None:
        return Group(*head)
    wrong = _wrong(known.report, language)
    trends = _trends(looks, width, language)
    room = height - len(head) - trends.row_count - len(wrong) - 5  # two empty lines, two headings, the keys
    engines, left = _engines(known, sort, max(1, room), language)
    parts: list[RenderableType] = [*head, trends, Text(""), engines]
    if left:
        parts.append(Text(language.write(say("… and {n} more", n=left)), style="dim"))
    return Group(*parts, Text(""), *wrong, Text(_keys(language), style="dim", overflow="ellipsis", no_wrap=True))


def line(look: Look, language: Language) -> str:
    """One look where there is no terminal: figures, engines past nothing, and the gravest finding."""
    if look.report is None:
        return f"{look.moment} {look.why}"
    shown = ((trend, _number(trend, look.report)) for trend in TRENDS)
    numbers = [f"{language.write(trend.title)} {language.quantity(n)}" for trend, n in shown if n]
    return " · ".join((look.moment, *numbers, *(text.plain for text in _wrong(look.report, language)[:1])))


def spark(values: Sequence[float | None], width: int) -> str:
    """The last values as blocks, the largest of them as the highest; all equal stand low."""
    shown = values[-width:]
    known = [value for value in shown if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    span = high - min(low, 0.0)
    return "".join(
        GAP if value is None else BLOCKS[round((len(BLOCKS) - 1) * (value - min(low, 0.0)) / span) if span else 0]
        for value in shown
    )


def _head(latest: Look, known: Look | None, seconds: float, language: Language) -> Text:
    name = known.report.source.name if known and known.report else "vLLM"
    worst = known.report.worst if known and known.report else "ok"
    told = language.write(say("every {seconds} s", seconds=f"{seconds:g}"))
    verdict = language.write(say(worst))
    return Text.assemble((verdict, STYLE[worst]), "  ", (neutral(name, 60), "bold"), f"  {latest.moment} · {told}")


def _number(trend: Trend, report: Report) -> Quantity | None:
    found = report.all(trend.of)
    shown = largest(found, trend.of)
    if shown is None or (trend.growth and report.source.window_seconds is None):
        return None
    return Quantity(sum(each.value for each in found), trend.of.unit) if trend.summed else shown.quantity


def _trends(looks: Sequence[Look], width: int, language: Language) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    room = max(10, width - 42)
    for trend in TRENDS:
        history = [_number(trend, look.report) if look.report else None for look in looks]
        latest = next((number for number in reversed(history) if number), None)
        drawn = spark([number.number if number else None for number in history], room)
        value = language.quantity(latest) if latest else "–"
        table.add_row(
            language.write(trend.title), Text(value, style="bold", justify="right"), Text(drawn, style="cyan")
        )
    return table


def _engines(look: Look, sort: str, most: int, language: Language) -> tuple[Table, int]:
    """The table, and how many engines it leaves out."""
    names = dict.fromkeys(engine for answer in look.engines.values() for engine in answer)
    several = len({dict(engine).get("model_name") for engine in names}) > 1
    rows = sorted(names, key=lambda engine: engine_title(engine, several))
    if sort in look.engines:
        answers = look.engines[sort]
        rows.sort(key=lambda engine: -answers[engine].number if engine in answers else float("inf"))
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim")
    table.add_column(_title(say("engine"), sort == BY_NAME, language), overflow="ellipsis", no_wrap=True)
    for column in COLUMNS:
        table.add_column(_title(column.title, sort == column.key, language), justify="right", no_wrap=True)
    for engine in rows[:most]:
        table.add_row(engine_title(engine, several), *(_cell(look, column, engine, language) for column in COLUMNS))
    return table, max(0, len(rows) - most)


def _title(title: Phrase, sorts: bool, language: Language) -> str:
    return language.write(title) + (" ▾" if sorts else "")


def _cell(look: Look, column: Column, engine: Labels, language: Language) -> str:
    value = look.engines.get(column.key, {}).get(engine)
    return language.quantity(Quantity(value.number, column.signal.unit, value.quality)) if value else "–"


def _wrong(report: Report, language: Language) -> list[Text]:
    """The gravest findings, a line each."""
    bad = [finding for finding in report.findings if finding.severity != "ok"][:FINDINGS]
    rows = [
        Text.assemble(
            (language.write(say(found.severity)), STYLE[found.severity]),
            "  ", (language.write(found.title), "bold"), f": {language.write(found.evidence)}",
        )
        for found in bad
    ]  # fmt: skip
    for row in rows:
        row.overflow, row.no_wrap = "ellipsis", True
    return rows or [Text(language.write(say("No threshold is passed.")))]


def _keys(language: Language) -> str:
    return language.write(say("sort by column: {keys} · quit: q", keys=" ".join(KEYS)))
