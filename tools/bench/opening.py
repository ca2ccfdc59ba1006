"""What opening a board reads, and what evaluating the rules once does: Prometheus' own counts, the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser
from simulated import END, History

from harness.cost import FORMS, Span, asked, costs
from harness.programs import RULE_FILES, Server, rule_groups

MOST_SAMPLES = "--query.max-samples=500000000"
_POINTS = 720  # points that Grafana asks for on a panel of usual width


@dataclass(frozen=True)
class Panel:
    """Of one panel: queries, samples read when it is shown."""

    title: str
    queries: int
    samples: int


@dataclass(frozen=True)
class Opened:
    """Of one form of one board: what its open rows read, and the series that they touch."""

    slug: str
    form: str
    panels: tuple[Panel, ...]
    series: int

    @property
    def samples(self) -> int:
        """Of all panels."""
        return sum(panel.samples for panel in self.panels)

    @property
    def queries(self) -> int:
        """Of all panels."""
        return sum(panel.queries for panel in self.panels)

    @property
    def dearest(self) -> Panel:
        """The panel that reads most."""
        return max(self.panels, key=lambda panel: panel.samples)


@dataclass(frozen=True)
class Rules:
    """Of one group: its interval where it has its own, rules, and samples of one evaluation."""

    group: str
    interval: str
    rules: int
    samples: int


def span(history: History) -> Span:
    """The time picker over all that is shown, as Grafana steps through it."""
    step = max(history.step, history.shown // _POINTS)
    return Span(END - history.shown, END, step, rate_interval=max(step + history.step, 4 * history.step))


def opened(server: Server, history: History, only: str = "") -> Iterator[Opened]:
    """Every board in both forms, or one."""
    for form, folder in FORMS.items():
        for path in sorted(folder.glob("*.json")):
            if only in path.stem:
                board = json.loads(path.read_text())
                found = tuple(Panel(c.panel, c.queries, c.samples) for c in costs(server, board, span(history)))
                yield Opened(path.stem, form, found, _touched(server, board, span(history)))


def _touched(server: Server, board: dict[str, Any], when: Span) -> int:
    """Series that the open rows' queries select at the end, each selector once."""
    selectors: set[str] = set()

    def enter(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            selectors.add(node.prettify().partition(" offset ")[0])
        return True

    for panel in board["panels"]:
        for target in [] if panel["type"] == "row" else panel.get("targets", []):
            promql_parser.walk(promql_parser.parse(asked(target["expr"], when.words)), enter, lambda _: True)
    return int(sum(sum(server.query(f"count({one})", END).values()) for one in selectors))


def evaluated(server: Server) -> Iterator[Rules]:
    """Every group of both rule files."""
    for group in rule_groups(*RULE_FILES):
        samples = sum(server.samples(rule["expr"], END)[0] for rule in group["rules"])
        yield Rules(group["name"], group.get("interval", ""), len(group["rules"]), samples)
