"""What became different: happenings, and numbers that left the range they had before the span."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vllm_observability.intervals.records import Gauge
from vllm_observability.review.changing import Bound, Change, shared, shifted
from vllm_observability.review.courses import Engine, Line, known, over, summed, trailing
from vllm_observability.review.happenings import happenings
from vllm_observability.review.kinds import BY_ID, RANK
from vllm_observability.review.records import Counted, IncidentData, Place, Sign, Who

TOGETHER = 180.0  # seconds: signs that begin so close are of one moment, since numbers are over some scrapes
_OVER = 120.0  # seconds over which a mean is taken
_FEW = 20.0  # observations, or a mean says nothing

# kind: (sum, count, bound); per engine too where True: a slow engine of many does not move the model's mean.
_MEANS: tuple[tuple[str, Counted, Counted, Bound, bool], ...] = (
    ("prompts_longer", "prompts", "first_tokens", Bound(1.4, 100), False),
    ("outputs_longer", "output_tokens", "ended", Bound(1.4, 50), False),
    ("outputs_shorter", "output_tokens", "ended", Bound(1.5, 30, up=False), False),
    ("tokens_slower", "gap_seconds", "gaps", Bound(1.6, 0.002), True),
    ("first_token_slower", "first_seconds", "first_tokens", Bound(2.0, 0.1), False),
)
# kind: (part, whole, least difference, up, per engine too).
_SHARES: tuple[tuple[str, Counted, Counted, float, bool, bool], ...] = (
    ("errors", "errors", "ended", 0.002, True, True),
    ("aborts", "aborted", "ended", 0.05, True, False),
    ("truncated", "truncated", "ended", 0.1, True, False),
    ("corrupted", "corrupted", "ended", 0.0005, True, True),
    ("hits_fell", "hits", "queries", 0.15, False, False),
    ("acceptance_fell", "accepted", "draft_tokens", 0.15, False, False),
    ("preempted", "preemptions", "ended", 0.02, True, False),
)
_GAUGES: tuple[tuple[str, Gauge, Bound], ...] = (
    ("kv_fuller", "kv", Bound(1.5, 0.15)),
    ("waiting", "waiting", Bound(2.0, 3.0)),
)
_LOAD_ROSE, _LOAD_FELL = Bound(1.4, 0.05), Bound(2.5, 0.05, up=False)
_TOKENS = frozenset({"hits", "accepted"})  # counted in tokens, which come by the hundred and not by chance
_SLOWING = frozenset({"tokens_slower", "stalled", "target_down", "restarted", "engine_gone"})
_STARVED = 0.4  # of its share before


def signs(data: IncidentData) -> list[Sign]:
    """All signs of a span, the earliest first."""
    engines = [Engine(watched, data.grid.count) for watched in data.engines]
    found = [*_together(happenings(data, engines))]
    for place in sorted({engine.who.place for engine in engines}):
        found += _Model(data, place, [engine for engine in engines if engine.who.place == place]).signs()
    return sorted(_sensible(found), key=lambda sign: (sign.at, RANK[sign.kind]))


def _together(found: Iterator[Sign]) -> Iterator[Sign]:
    """The same thing at several engines of a model at about one time is one sign."""
    groups: list[Sign] = []
    for sign in sorted(found, key=lambda sign: (sign.at, sign.engines)):
        for number, group in enumerate(groups):
            if (group.kind, group.place, group.detail) == (sign.kind, sign.place, sign.detail) and (
                sign.at - group.at <= TOGETHER
            ):
                until = None if None in (group.until, sign.until) else max(group.until or 0, sign.until or 0)
                groups[number] = replace(
                    group, engines=(*group.engines, *sign.engines), until=until, times=max(group.times, sign.times)
                )
                break
        else:
            groups.append(sign)
    yield from groups


def _sensible(found: Sequence[Sign]) -> Iterator[Sign]:
    """Without what is only a consequence of how things are counted.

    When engines become slow, those requests end first that are short, so that answers seem shorter for a while.
    """
    slow = [sign for sign in found if sign.kind in _SLOWING]
    for sign in found:
        if sign.kind == "outputs_shorter" and any(
            other.place == sign.place and abs(other.at - sign.at) <= 2 * TOGETHER for other in slow
        ):
            continue
        yield sign


class _Model:
    """The engines of one model, together and one by one."""

    def __init__(self, data: IncidentData, place: Place, engines: Sequence[Engine]) -> None:
        self.data, self.place, self.engines = data, place, engines
        self.points = data.grid.count
        self.width = max(2, round(_OVER / data.grid.step))

    def signs(self) -> Iterator[Sign]:
        """Numbers of the model, and of single engines."""
        yield from self._load()
        for kind, part, whole, bound, each in _MEANS:
            yield from self._attributed(kind, each, lambda some, p=part, w=whole, b=bound: self._mean(some, p, w, b))
        for kind, part, whole, least, up, each in _SHARES:
            yield from self._attributed(
                kind, each, lambda some, p=part, w=whole, d=least, u=up: self._share(some, p, w, d, u)
            )
        for kind, gauge, bound in _GAUGES:
            lines = [engine.gauge(gauge) for engine in self.engines]
            mean = over(summed(lines, self.points), known(lines, self.points))
            yield from self._sign(kind, shifted(mean, self.data.begin, bound))
        yield from self._attributed("failed_transfers", True, lambda some: self._events(some, "failed_transfers"))
        yield from self._attributed("rejected", False, lambda some: self._events(some, "rejected"))
        yield from self._starved()

    # ------------------------------------------------------------------------------------------- numbers

    def _sum(self, some: Sequence[Engine], name: Counted) -> Line:
        return summed((engine.grown(name) for engine in some), self.points)

    def _mean(self, some: Sequence[Engine], part: Counted, whole: Counted, bound: Bound) -> Change | None:
        parts, wholes = (trailing(self._sum(some, name), self.width) for name in (part, whole))
        return shifted(over(parts, wholes, _FEW), self.data.begin, bound, self.width)

    def _share(self, some: Sequence[Engine], part: Counted, whole: Counted, least: float, up: bool) -> Change | None:
        parts, wholes = self._sum(some, part), self._sum(some, whole)
        if part in _TOKENS:
            bound = Bound(1.0, least, up)
            line = over(trailing(parts, 2 * self.width), trailing(wholes, 2 * self.width), 1000.0)
            return shifted(line, self.data.begin, bound, 2 * self.width)
        return shared(parts, wholes, self.data.begin, 2 * self.width, least, up)

    def _events(self, some: Sequence[Engine], name: Counted) -> Change | None:
        """Something that should never be: more of it than before."""
        line = trailing(self._sum(some, name), self.width)
        return shifted(line, self.data.begin, Bound(3.0, 0.5), self.width)

    def _load(self) -> Iterator[Sign]:
        lines = [engine.arrived() for engine in self.engines]
        there = trailing(known(lines, self.points), self.width)
        line = over(trailing(summed(lines, self.points), self.width), there)
        rate = [value / self.data.grid.step for value in line]
        yield from self._sign("load_rose", shifted(rate, self.data.begin, _LOAD_ROSE, self.width))
        yield from self._sign("load_fell", shifted(rate, self.data.begin, _LOAD_FELL, self.width))

    def _starved(self) -> Iterator[Sign]:
        """An engine that gets much less of the model's work than before, while it is there."""
        if len(self.engines) < 2:
            return
        width = 3 * self.width
        whole = trailing(self._sum(self.engines, "first_tokens"), width)
        for engine in self.engines:
            line = over(trailing(engine.grown("first_tokens"), width), whole, 30.0)
            seen = [value if engine.seen(n) else math.nan for n, value in enumerate(line)]
            change = shifted(seen, self.data.begin, Bound(1 / _STARVED, 0.05, up=False), width)
            yield from self._sign("starved", change, (engine.who,))

    # ------------------------------------------------------------------------------------------- whose

    def _attributed(self, kind: str, each, change) -> Iterator[Sign]:  # type: ignore[no-untyped-def]
        """The model's sign, or that of the few engines that have it."""
        whole = change(self.engines)
        if not each or len(self.engines) < 2:
            yield from self._sign(kind, whole)
            return
        own = [(engine.who, found) for engine in self.engines if (found := change([engine]))]
        if own and 2 * len(own) <= len(self.engines):
            first = min((found for _, found in own), key=lambda found: found.onset)
            last = max(found.last for _, found in own)
            yield from self._sign(kind, replace(first, last=last), tuple(who for who, _ in own))
        elif own or whole:
            yield from self._sign(kind, whole or min((found for _, found in own), key=lambda found: found.onset))

    def _sign(self, kind: str, change: Change | None, engines: tuple[Who, ...] = ()) -> Iterator[Sign]:
        if change is None:
            return
        start, step = self.data.grid.start, self.data.grid.step
        until = None if change.last >= self.points - 2 else start + change.last * step
        unit = BY_ID[kind].unit
        assert unit
        yield Sign(kind, start + change.onset * step, until, self.place, engines, change.before, change.after, unit)
