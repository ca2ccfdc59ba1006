"""What a board reads when it is opened, by Prometheus' own count: the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import boardlint
from harness.programs import ROOT, Server

FORMS = {"raw": ROOT / "dashboards", "fleet": ROOT / "dashboards/fleet"}
BUDGETS = ROOT / "tests/budgets.yaml"
LABELS = ("cluster", "namespace", "job", "model_name", "instance", "engine")


@dataclass(frozen=True)
class Span:
    """What the time picker says, and what Grafana makes of it: Unix seconds, step and windows in seconds."""

    start: float
    end: float
    step: float
    rate_interval: float = 300.0

    @property
    def words(self) -> dict[str, str]:
        """Grafana's own variables."""
        return {"$__rate_interval": f"{self.rate_interval:.0f}s", "$__range": f"{self.end - self.start:.0f}s"}


def half_an_hour(end: float) -> Span:
    """What budgets are about."""
    return Span(end - 1800, end, 30)


@dataclass(frozen=True)
class Cost:
    """Of one panel: queries, samples read, and the most that were held at once."""

    panel: str
    queries: int
    samples: int
    peak: int


def asked(expr: str, words: Mapping[str, str], chosen: Mapping[str, str] | None = None) -> str:
    """A query as Grafana sends it: All is `.*`."""
    for name in LABELS:
        expr = re.sub(rf"\${name}\b", lambda _, name=name: (chosen or {}).get(name, ".*"), expr)  # type: ignore[misc]
    for word, text in words.items():
        expr = expr.replace(word, text)
    return expr.replace("$price", "2.5")


def costs(server: Server, board: Mapping[str, Any], span: Span, *, opened: bool = True) -> Iterator[Cost]:
    """Of every panel; `opened`: only those outside closed rows, which is what opening the board costs."""
    panels = board["panels"] if opened else boardlint.panels(dict(board))
    for panel in panels:
        targets = [] if panel["type"] == "row" else panel.get("targets", [])
        if not targets:
            continue
        samples, peak = 0, 0
        for target in targets:
            expr = asked(target["expr"], span.words)
            when = (span.end,) if target.get("instant") else (span.start, span.end, span.step)
            read, held = server.samples(expr, *when)
            samples, peak = samples + read, max(peak, held)
        yield Cost(panel["title"], len(targets), samples, peak)


def panels_read(found: Iterable[Cost]) -> dict[str, int]:
    """Panel -> samples that it reads when its board is opened."""
    read: dict[str, int] = {}
    for cost in found:
        read[cost.panel] = read.get(cost.panel, 0) + cost.samples
    return read


def recorded(server: Server, at: float) -> int:
    """Series that the recording rules have made."""
    return int(sum(server.query('count({__name__=~"(engine|model):vllm_.+"})', at).values()))


def rules_read(server: Server, of: Sequence[Mapping[str, Any]], at: float) -> dict[str, int]:
    """Series or alert -> samples that one evaluation of its rule reads; of several rules of that name the dearest."""
    found: dict[str, int] = {}
    for rule in of:
        name = rule.get("record") or rule["alert"]
        found[name] = max(found.get(name, 0), server.samples(rule["expr"], at)[0])
    return found
