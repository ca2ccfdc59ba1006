#!/usr/bin/env python3
"""How right `compare` and `capacity` are on recorded traffic: the tables of docs/compare.md and docs/capacity.md.

    python tools/trials.py compare FOLDER          prints the table; --write puts it into the document
    python tools/trials.py capacity FOLDER --write
    python tools/trials.py capacity made --write   the same of made traffic, which nothing was fitted to

FOLDER holds traces: gzipped CSV with seconds, prompt_tokens and output_tokens. Engines are simulated, with costs of a
step that neither command knows.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import median

from harness.made_traffic import made
from harness.programs import ROOT
from harness.trial import MODEL, Recorded, Run, asked, fitting, hardware, play, read_trace, saturated
from vllm_observability.capacity import Answer, Refusal, capacity
from vllm_observability.compare.judge import compare
from vllm_observability.compare.records import SPEED
from vllm_observability.intervals import Side
from vllm_observability.words.phrases import English

COSTS = ("graphs", "roofline", "attention")
PAIRS = ((0.3, 0.3), (0.3, 0.4), (0.5, 0.4), (0.6, 0.6), (0.3, 0.6), (0.4, 0.2))  # shares of the steady maximum
SLOWDOWNS = (1.0, 1.05, 1.1)
LOADS = (0.25, 0.4, 0.6, 0.8)
PRESETS = ("8b-datacentre", "4b-consumer")
FLOOD = {"8b-datacentre": 2_000_000.0, "4b-consumer": 80_000.0}  # prompt tokens a second that no engine keeps up with
ENOUGH = 2000  # requests
OBJECTIVES = {MODEL: {"ttft": (1.0, 0.95), "itl": (0.1, 0.99)}}


def main() -> int:
    """Run one trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["compare", "capacity"])
    parser.add_argument("traces", type=Path, metavar="FOLDER|made")
    parser.add_argument("--costs", default=",".join(COSTS))
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    is_made = given.traces == Path("made")
    recorded = sorted(given.traces.glob("*.csv*"))
    traces = made() if is_made else {path.name.partition(".")[0]: read_trace(path) for path in recorded}
    costs = given.costs.split(",")
    table = _compare if given.what == "compare" else _capacity
    lines = list(table(traces, costs, given.minutes))
    print("\n".join(lines))
    if given.write:
        _put(ROOT / f"docs/{given.what}.md", "made" if is_made else "trial", lines)
    return 0


def _put(path: Path, name: str, lines: Sequence[str]) -> None:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, _, rest = path.read_text().partition(begin)
    path.write_text(head + begin + "\n" + "\n".join(lines) + "\n" + end + rest.partition(end)[2])


def _most(trace: Recorded, run: Run, minutes: float = 10.0) -> float:
    """The steady maximum of one engine for a trace's requests."""
    prompt = sum(prompt for _, prompt, _ in trace) / len(trace)
    rate = max(FLOOD[run.preset] / 8 / prompt, 4.0)
    return saturated(trace, replace(run, rate=rate, minutes=minutes, slowdown=1.0))


def _truth(trace: Recorded, run: Run) -> float:
    """The same over so many requests that chance, and who is preempted, no longer moves it."""
    found = _most(trace, run)
    return found if 600 * found >= ENOUGH else _most(trace, run, ENOUGH / found / 60)


# ------------------------------------------------------------------------------------------------- compare


@dataclass
class _Tally:
    apart: int = 0
    told: int = 0
    wrong: int = 0
    found: int = 0
    all: int = 0


def _compare(traces: dict[str, Recorded], costs: Sequence[str], minutes: float) -> Iterator[str]:
    yield (
        "| trace | A/A: wrong | A/A: told | bias | loads too far apart | +5 %, like loads | +5 %, loads that overlap | "
        "+10 %, like loads | +10 %, loads that overlap |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    whole: dict[tuple[float, bool], _Tally] = {}
    errors: list[float] = []
    for name, trace in traces.items():
        tallies: dict[tuple[float, bool], _Tally] = {}
        own: list[float] = []
        for cost in costs:
            _of_trace(fitting(trace, _preset(trace)), cost, minutes, tallies, own)
            print(name, cost, file=sys.stderr, flush=True)
        errors += own
        for key, tally in tallies.items():
            whole[key] = _added(whole.get(key, _Tally()), tally)
        yield _line(name, tallies, own)
    yield _line("**all**", whole, errors)


def _added(one: _Tally, other: _Tally) -> _Tally:
    return _Tally(*(getattr(one, field.name) + getattr(other, field.name) for field in fields(_Tally)))


def _line(name: str, tallies: dict[tuple[float, bool], _Tally], errors: Sequence[float]) -> str:
    def like(slow: float) -> _Tally:
        return tallies.get((slow, True), _Tally())

    def both(slow: float) -> _Tally:
        return _added(like(slow), tallies.get((slow, False), _Tally()))

    def found(tally: _Tally) -> str:
        return f"{tally.found} of {tally.all - tally.apart}"

    same, pairs = both(1.0), [both(slow) for slow in SLOWDOWNS]
    bias = f"{median(errors):+.1f} %" if errors else "–"
    return (
        f"| {name} | {same.wrong} of {same.all} | {same.told} of {same.all} | {bias} | "
        f"{sum(pair.apart for pair in pairs)} of {sum(pair.all for pair in pairs)} | "
        f"{found(like(1.05))} | {found(both(1.05))} | {found(like(1.1))} | {found(both(1.1))} |"
    )


def _of_trace(
    trace: Recorded, cost: str, minutes: float, tallies: dict[tuple[float, bool], _Tally], errors: list[float]
) -> None:
    """Every pair of loads and every slowdown; sides are of different parts of the trace."""
    preset = _preset(trace)
    most = _most(asked(trace, Run(preset, cost, 4.0, begin=0.1)), Run(preset, cost, 4.0))
    sides: dict[Run, Side] = {}

    def side(run: Run) -> Side:
        if run not in sides:
            sides[run] = play(trace, run)
        return sides[run]

    for before, after in PAIRS:
        for slow in SLOWDOWNS:
            first = Run(preset, cost, before * most, begin=0.1, seed=1, minutes=minutes)
            second = Run(preset, cost, after * most, begin=0.55, seed=2, minutes=minutes, slowdown=slow)
            found = compare(side(first), side(second))
            tally = tallies.setdefault((slow, 0.75 < before / after < 1.34), _Tally())
            tally.all += 1
            tally.apart += all(q.adjusted is None for q in found.questions if q.id in SPEED)
            tally.told += found.verdict != "can't tell"
            tally.wrong += slow == 1.0 and found.verdict in ("worse", "better")
            tally.found += found.verdict == "worse"
            errors += [
                q.adjusted - 100 * (slow - 1)
                for q in found.questions
                if q.id == "itl" and q.adjusted is not None and q.verdict != "not-comparable"
            ]


def _preset(trace: Recorded) -> str:
    """Short requests come in thousands a second on a large card, which says no more and takes an hour to play."""
    return "4b-consumer" if sum(p + 5 * o for _, p, o in trace) / len(trace) < 250 else "8b-datacentre"


# ------------------------------------------------------------------------------------------------ capacity


def _capacity(traces: dict[str, Recorded], costs: Sequence[str], minutes: float) -> Iterator[str]:
    yield "| trace | hardware | load | answered | median error | largest | interval holds it | usual refusal |"
    yield "|---|---|---|---|---|---|---|---|"
    errors: list[float] = []
    inside = cells = 0
    for name, whole in traces.items():
        for preset in PRESETS:
            if _preset(whole) == "4b-consumer" and preset != "4b-consumer":
                continue
            trace = fitting(whole, preset)
            begin = Run(preset, costs[0], 4.0, begin=0.1, seed=1, engines=2, minutes=minutes)
            rough = {cost: _most(asked(trace, begin), replace(begin, cost=cost)) for cost in costs}
            for load in LOADS:
                own, held, reasons = [], 0, []
                for cost, most in rough.items():
                    cells += 1
                    run = replace(begin, cost=cost, rate=load * most)
                    run = replace(
                        run, rate=load * _most(asked(trace, run), run)
                    )  # a longer or shorter part, another mix
                    truth, told = _truth(asked(trace, run), run), _told(trace, run)
                    if isinstance(told, Answer):
                        own.append(100 * (told.steady.value / 2 / truth - 1))
                        held += told.steady.low <= 2 * truth <= told.steady.high
                    else:
                        reasons.append(English().write(told.reason).partition(":")[0])
                errors, inside = errors + own, inside + held
                yield _row(name, preset, load, own, held, len(rough), reasons)
            print(name, preset, file=sys.stderr, flush=True)
    sizes = [abs(error) for error in errors]
    yield (
        f"| **all** | | | {len(errors)} of {cells} | {median(sizes):.0f} % | {max(sizes):.0f} % | "
        f"{inside} of {len(errors)} | |"
    )


def _row(
    name: str, preset: str, load: float, own: Sequence[float], held: int, asked: int, reasons: Sequence[str]
) -> str:
    worst = max(own, key=abs) if own else math.nan
    cells = [f"{median(own):+.0f} %", f"{worst:+.0f} %", f"{held} of {len(own)}"] if own else ["–", "–", "–"]
    reason = max(set(reasons), key=reasons.count) if reasons else ""
    return f"| {name} | {preset} | {100 * load:.0f} % | {len(own)} of {asked} | {' | '.join(cells)} | {reason} |"


def _told(trace: Recorded, run: Run) -> Answer | Refusal:
    machine = hardware(run.preset, run.cost)
    side = play(trace, run)
    limits = (machine.max_num_seqs, machine.max_num_batched_tokens)
    return capacity(side, OBJECTIVES, 1.0, *limits).models[0]


if __name__ == "__main__":
    sys.exit(main())
