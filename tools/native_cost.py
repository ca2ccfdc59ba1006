"""Classic beside native histograms: series, samples and seconds of one fleet, written to docs/native-cost.md.

    python tools/native_cost.py 10 100 1000

The same samples go into a Prometheus for each way of storing them, by remote write; its own statistics are what counts.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import boardlint
from harness.cost import Span, asked
from harness.history import Replica, history
from harness.programs import ROOT, Line, Server, prometheus_lines, rules_of, write_rules
from harness.remote import Stored, in_whole_numbers, receiving, record, series_of, stored, write_copies
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.settings.site import Histograms

PAGE = ROOT / "docs/native-cost.md"
END = 1_760_000_400
STEP = 15
BOARDS = ("vllm-overview", "vllm-latency", "vllm-throughput", "vllm-slo")
PER_MODEL = 10
MOST_DRAWN = 10  # engines whose raw boards are opened: what these read grows with the fleet, see docs/cost.md
# How it is asked for, and which share of the servers stores its histograms natively.
WAYS: dict[str, tuple[Histograms, float]] = {"classic": ("classic", 0), "native": ("native", 1), "both": ("both", 0.5)}


@dataclass(frozen=True)
class Read:
    """Samples that were read, by Prometheus' own count, and seconds that it took."""

    samples: int = 0
    seconds: float = 0.0

    def __add__(self, other: Read) -> Read:
        return Read(self.samples + other.samples, self.seconds + other.seconds)


@dataclass(frozen=True)
class Measured:
    """One fleet, stored and asked for in one way."""

    engines: int
    way: str
    scraped: int
    recorded: int
    rules: Read
    histograms: Read  # of these the groups that record percentiles
    boards: dict[str, Read]


def measured(engines: int, way: str, line: Line) -> Measured:
    """Written, recorded, asked."""
    histograms, share = WAYS[way]
    files = artefacts(parse({"histograms": histograms}))
    one = Replica("host-0:8000", "acme/model-0")
    minutes = 11 if engines <= MOST_DRAWN else 6
    shown = in_whole_numbers(series_of(history([one], END, minutes, STEP).splitlines()))
    kinds: dict[Stored, int] = {"native": round(share * engines), "classic": engines - round(share * engines)}
    with tempfile.TemporaryDirectory() as scratch, receiving(Path(scratch, "data"), line) as server:
        first = 0
        for kind, number in kinds.items():
            names = [(f"host-{n}:8000", f"acme/model-{n // PER_MODEL}") for n in range(first, first + number)]
            write_copies(server.url, stored(shown, lambda *_, kind=kind: kind), names)
            first += number
        rules = rules_of(*write_rules(files, Path(scratch, "rules")))
        record(server, rules, END - 30, END, 30)
        scraped = server.query('count({__name__=~"vllm:.+|http_.+|process_.+|python_.+|up|scrape_.+"})', END)
        recorded = server.query('count({__name__=~"(engine|model):vllm_.+"})', END)
        of_rules = [(rule.get("record", ""), _read(server, "query", rule["expr"])) for rule in rules]
        whole = [read for name, read in of_rules if _of_buckets(name)]
        boards = BOARDS if engines <= MOST_DRAWN else ()
        drawn = {slug: _board(server, json.loads(files[f"dashboards/{slug}.json"])) for slug in boards}
    return Measured(
        engines,
        way,
        int(sum(scraped.values())),
        int(sum(recorded.values())),
        sum((read for _, read in of_rules), Read()),
        sum(whole, Read()),
        drawn,
    )


def _of_buckets(name: str) -> bool:
    return name.startswith("model:vllm_") and (name.endswith(("_seconds:rate5m", "_tokens:rate5m", "_bucket:rate5m")))


def _board(server: Server, board: dict[str, object]) -> Read:
    span = Span(END - 300, END, 30)
    return sum((_read(server, "query_range", asked(expr, span.words)) for _, expr in boardlint.queries(board)), Read())


def _read(server: Server, what: str, expr: str) -> Read:
    """The better of two times: the first one warms up."""
    form = {"query": expr, "stats": "all"}
    form |= {"time": repr(END)} if what == "query" else {"start": repr(END - 300), "end": repr(END), "step": "30"}
    found = [server.ask(what, form)["stats"] for _ in range(2)]
    seconds = min(stats["timings"]["evalTotalTime"] for stats in found)
    return Read(int(found[0]["samples"]["totalQueryableSamples"]), seconds)


# ------------------------------------------------------------------------------------------------- page


def page(found: Sequence[Measured], line: Line) -> str:
    """The page."""
    return "\n".join(_lines(found, line)) + "\n"


def _lines(found: Sequence[Measured], line: Line) -> Iterator[str]:
    yield "# What native histograms save\n"
    yield "<!-- Written by tools/native_cost.py: don't edit. -->"
    yield (
        f"Measured on {time.strftime('%Y-%m-%d')} with Prometheus {line.version} on {platform.machine()}: the same "
        f"fleet of plain vLLM servers, {PER_MODEL} a model,\nstored and asked for in each way; `both` is a fleet of "
        "which half is converted. Samples are Prometheus' own count,\nin which a native histogram counts by its size, "
        "about as many as it has buckets. Seconds are those of the evaluation.\n"
    )
    yield "One evaluation of all rules; `percentiles` are the rules that record buckets:\n"
    yield "| engines | histograms | scraped series | recorded | samples | seconds | percentiles: samples | seconds |"
    yield "|---:|---|---:|---:|---:|---:|---:|---:|"
    for each in found:
        base = next(one for one in found if one.engines == each.engines and one.way == "classic")
        yield (
            f"| {each.engines:,} | {each.way} | {_beside(each.scraped, base.scraped)} | "
            f"{_beside(each.recorded, base.recorded)} | {_beside(each.rules.samples, base.rules.samples)} | "
            f"{_beside(each.rules.seconds, base.rules.seconds)} | "
            f"{_beside(each.histograms.samples, base.histograms.samples)} | "
            f"{_beside(each.histograms.seconds, base.histograms.seconds)} |"
        )
    yield "\nOpening a raw board with closed rows open, five minutes at a step of 30 s:\n"
    yield "| engines | board | " + " | ".join(f"{way}: samples | seconds" for way in WAYS) + " |"
    yield "|---:|---|" + "---:|---:|" * len(WAYS)
    for engines in dict.fromkeys(each.engines for each in found):
        ways = {each.way: each for each in found if each.engines == engines}
        for slug, classic in ways["classic"].boards.items():
            drawn = (each.boards[slug] for each in ways.values() if slug in each.boards)
            cells = (
                f"{_beside(read.samples, classic.samples)} | {_beside(read.seconds, classic.seconds)}" for read in drawn
            )
            yield f"| {engines:,} | {slug} | {' | '.join(cells)} |"


def _beside(number: float, classic: float) -> str:
    text = f"{number:,}" if isinstance(number, int) else f"{number:.3f}"
    if number == classic or not classic:
        return text
    change = 100 * (number / classic - 1)
    return f"{text} ({'+' if change > 0 else '−'}{math.floor(abs(change) + 0.5)} %)"


def main() -> int:
    """Measure fleets of these sizes."""
    line = prometheus_lines()[-1]
    found = []
    for engines in map(int, sys.argv[1:] or ("10", "100", "1000")):
        for way in WAYS:
            found.append(measured(engines, way, line))
            sys.stdout.write(f"{found[-1]}\n")
            sys.stdout.flush()
            PAGE.write_text(page(found, line), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
