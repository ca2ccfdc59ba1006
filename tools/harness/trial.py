"""Recorded traffic on simulated engines, as the intervals that `compare` and `capacity` read; no pages in between.

The cost of a step is not the simulator's own linear one: what judges a fit must not have the fit's form.
"""

from __future__ import annotations

import csv
import gzip
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from random import Random

from vllm_observability.intervals import Engine as Watched
from vllm_observability.intervals import Interval, Side
from vllm_observability.intervals.growth import Reading, intervals
from vllm_observability.intervals.records import BUCKETS, COUNTS, Count
from vllm_observability.model import Metric, Part
from vllm_observability.simulate.engine import Conditions, Engine
from vllm_observability.simulate.exposition import Shown
from vllm_observability.simulate.hardware import PRESETS, Hardware
from vllm_observability.simulate.ledger import Ledger
from vllm_observability.simulate.traffic import Request, Source, Traffic

MODEL = "acme/chat"


# ------------------------------------------------------------------------------------------- step costs

_GRAPHS = [1, 2, 4, *range(8, 1025, 8)]


@dataclass(frozen=True)
class Graphs(Hardware):
    """Decode pads the batch to the next captured CUDA graph; a step with prefill has none, and is slower."""

    def seconds(self, decoding: float, prefilled: float, context: float) -> float:
        """Duration of one engine step."""
        padded = _GRAPHS[min(bisect_left(_GRAPHS, decoding), len(_GRAPHS) - 1)] if decoding else 0
        eager = 0.15 * self.step_seconds if prefilled else 0.0
        return eager + super().seconds(padded if not prefilled else decoding, prefilled, context)


@dataclass(frozen=True)
class Roofline(Hardware):
    """A step takes the longer of reading memory and of computing, with a tenth of the shorter one."""

    def seconds(self, decoding: float, prefilled: float, context: float) -> float:
        """Duration of one engine step."""
        reading = self.step_seconds + self.context_seconds * context
        computing = (prefilled + decoding) / self.prefill_tokens_per_second + 0.2 * self.step_seconds
        return max(reading, computing) + 0.1 * min(reading, computing) + self.sequence_seconds * decoding


@dataclass(frozen=True)
class Attention(Hardware):
    """Reading the context costs three times as much, and a large batch more than its share."""

    def seconds(self, decoding: float, prefilled: float, context: float) -> float:
        """Duration of one engine step."""
        crowd = 1 + decoding / (4 * self.max_num_seqs)
        return super().seconds(decoding * crowd, prefilled, 3 * context * crowd)


COSTS: dict[str, type[Hardware]] = {
    "linear": Hardware, "graphs": Graphs, "roofline": Roofline, "attention": Attention, "speculative": Hardware,
}  # fmt: skip


def hardware(preset: str, cost: str) -> Hardware:
    """A preset with another cost of a step."""
    base = PRESETS[preset]
    return COSTS[cost](**{field.name: getattr(base, field.name) for field in fields(base)})


# ---------------------------------------------------------------------------------------------- traffic

Recorded = list[tuple[float, int, int]]


def fitting(trace: Recorded, preset: str) -> Recorded:
    """The requests that an engine takes at all."""
    longest = PRESETS[preset].max_model_len
    return [one for one in trace if one[1] + one[2] < longest]


def _place(trace: Recorded, begin: float) -> int:
    return bisect_left(trace, (trace[0][0] + begin * _lap(trace), 0, 0)) % len(trace)


def _lap(trace: Recorded) -> float:
    return trace[-1][0] - trace[0][0] + 1e-3


def read_trace(path: Path) -> Recorded:
    """Seconds, prompt tokens and output tokens of each request."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return [
            (float(row["seconds"]), int(row["prompt_tokens"]), max(1, int(row["output_tokens"])))
            for row in csv.DictReader(file)
        ]


class Replay(Source):
    """One engine's share of a trace: every n-th request, from a place on, with time stretched."""

    def __init__(self, trace: Recorded, share: tuple[int, int], stretch: float, begin: float) -> None:
        self.traffic = Traffic(bad=0.0, patience=1e9)
        self._requests = self._play(trace, share, stretch, _place(trace, begin))
        self._ahead = next(self._requests)
        self.next = self._ahead.arrival

    def _play(self, trace: Recorded, share: tuple[int, int], stretch: float, index: int) -> Iterator[Request]:
        number, of = share
        zero = trace[index][0]
        while True:
            if index % of == number:
                laps, place = divmod(index, len(trace))
                at, prompt, output = trace[place]
                yield Request((at + laps * _lap(trace) - zero) * stretch, prompt, output, "stop", output)
            index += 1

    def take(self) -> Request:
        """The request that arrives at `next`."""
        request, self._ahead = self._ahead, next(self._requests)
        self.next = self._ahead.arrival
        return request

    def done(self, now: float) -> None:
        """Clients of a trace do not wait for each other."""

    def change(self, traffic: Traffic, now: float) -> None:
        """A trace stays what it is."""


# ------------------------------------------------------------------------------------------------ a run


@dataclass(frozen=True)
class Run:
    """What to play. rate: requests per second and engine, the mean over the whole of it; begin: where in the trace, 0
    to 1; slowdown: 1.1 is 10 % more time for each step; minutes are counted after a warm-up."""

    preset: str
    cost: str
    rate: float
    begin: float = 0.0
    slowdown: float = 1.0
    engines: int = 4
    minutes: float = 30.0
    seed: int = 0
    every: float = 15.0
    max_num_seqs: int = 0
    warm_up: float = 120.0

    @property
    def seconds(self) -> float:
        """Of playing, warm-up included."""
        return self.warm_up + 60 * self.minutes

    @property
    def requests(self) -> int:
        """How many are asked of all engines."""
        return math.ceil(self.rate * self.engines * self.seconds)

    def stretch(self, trace: Recorded) -> float:
        """Seconds of playing per second of the trace: its requests come at the rate, with the trace's own bursts."""
        first = _place(trace, self.begin)
        laps, last = divmod(first + self.requests, len(trace))
        return self.seconds / (trace[last][0] - trace[first][0] + laps * _lap(trace))


def play(trace: Recorded, run: Run) -> Side:
    """The intervals of every engine."""
    machine = hardware(run.preset, run.cost)
    if run.max_num_seqs:
        machine = replace(machine, max_num_seqs=run.max_num_seqs)
    engines = tuple(_engine(trace, run, machine, number) for number in range(run.engines))
    return Side(f"{run.cost} {run.rate:.2f}/s", engines)


def _engine(trace: Recorded, run: Run, machine: Hardware, number: int) -> Watched:
    shown = Shown(MODEL, "0.33.0")

    def bounds(metric: Metric) -> tuple[float, ...]:
        return shown.bounds(metric, machine)

    ledger = Ledger(bounds)
    engine = Engine(machine, Traffic(rate=0.0), ledger, Random(f"{run.seed}/{number}"), 0.0, _ignore)
    engine.source = Replay(trace, (number, run.engines), run.stretch(trace), run.begin)
    drafts = 3 if run.cost == "speculative" else 0
    engine.conditions = Conditions(speed=1 / run.slowdown, drafts=drafts)
    readings, at = [], run.warm_up
    while at <= run.seconds:
        engine.run(at)
        readings.append(_reading(engine, at))
        at += run.every
    return Watched(
        f"chat-{number}:8000", "0", MODEL, intervals(readings, f"engine {number}", "trial"),
        capacity=float(machine.blocks * machine.block_size), versions=("0.33.0", None),
    )  # fmt: skip


def _ignore(request: Request, now: float) -> None:
    """Answers are not counted here."""


def _reading(engine: Engine, at: float) -> Reading:
    counts: dict[Count, float] = {}
    for name, (metric, part, own) in COUNTS.items():
        where = dict([own]) if own else {}
        if part is Part.VALUE:
            counts[name] = engine.ledger.total(metric, where)
        else:
            held = engine.ledger.histogram(metric)
            counts[name] = held.sum if part is Part.SUM else held.count
    buckets = {}
    for histogram, metric in BUCKETS.items():
        held, up_to = engine.ledger.histogram(metric), 0
        cumulative = {}
        for bound, count in zip((*held.bounds, float("inf")), held.counts, strict=True):
            up_to += count
            cumulative[bound] = float(up_to)
        buckets[histogram] = cumulative
    usage = engine.cache.used / engine.cache.blocks
    gauges = {"running": float(engine.running), "waiting": float(len(engine.waiting)), "kv": usage}
    return Reading(at, counts, gauges, buckets)  # type: ignore[arg-type]


def saturated(trace: Recorded, run: Run) -> float:
    """Requests per second that one engine ends when there are always some waiting: the steady maximum, in truth.

    trace: the requests that the run asks for, and no others, because a maximum holds for one mix of requests.
    """
    found: list[Interval] = play(trace, replace(run, engines=1, begin=0.0)).intervals
    return sum(one.get("requests") for one in found) / sum(one.seconds for one in found)


def asked(trace: Recorded, run: Run) -> Recorded:
    """The requests of a trace that a run asks for, its warm-up included; in another order, one a second, because any
    part of them must be of the whole's mix."""
    first = _place(trace, run.begin)
    found = [trace[place % len(trace)] for place in range(first, first + run.requests)]
    Random(run.seed).shuffle(found)
    return [(float(n), prompt, output) for n, (_, prompt, output) in enumerate(found)]
