"""The rows of a run as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from traffic.made import MADE

MONTH, WEEK = 30.0, 7.0  # days

Row = Mapping[str, Any]


def table(rows: Sequence[Row]) -> str:
    """Markdown: a line for each run, and what they add up to."""
    lines = [
        "# Alerts on recorded traffic",
        "",
        "<!-- Written by `python tools/scorecard.py traffic FOLDER --table FILE`: don't edit. -->",
        "Recorded requests are played by a simulated fleet of four engines without any fault, and judged by a real",
        "Prometheus with the rules in `alerts/`. `Load` is requests per second and engine, and its share of the knee:",
        "the highest load at which at most 5 % more of the requests are hurt than at a very light one. A request is",
        "hurt if its first token took more than 4 times what the same prompt takes alone on that engine and more than",
        "2 s, or its mean token gap more than 4 times that of an idle engine and more than 100 ms, or it failed, or",
        "waited until its client left. A critical alert is false if under 5 % of the requests that were under way",
        "while it fired were hurt; a warning if under 1 %. A request goes to the engine with the fewest, as a gateway",
        "that counts them sends it. A minute is hurt if 20 % of the requests that came in it were, and missed if no",
        "warning and no critical alert fires from its begin to ten minutes after its end.",
        "",
    ]
    played, made = recorded(rows), [row for row in rows if row["trace"] in MADE]
    if played:
        lines += [*_runs(played), *_incidents(played)]
    if made:
        lines += [
            "## Made traffic that nobody tuned to", "",
            "Written by `python tools/scorecard.py made FOLDER`: agents whose prompts grow and share beginnings,",
            "bursts that repeat, a day with peaks around lunch, reasoning, and summaries of long documents.", "",
            *_runs(made), *_incidents(made),
        ]  # fmt: skip
    return "\n".join(lines)


def recorded(rows: Sequence[Row]) -> list[Row]:
    """Those of traffic that real services had."""
    return [row for row in rows if row["trace"] not in MADE]


def _runs(rows: Sequence[Row]) -> list[str]:
    return [
        "| trace | preset | load | engine-days | requests hurt | alerts: minutes, hurt share | hurt minutes | missed |",
        "|---|---|---|---|---|---|---|---|",
        *map(_line, rows),
        "",
        *_listed(summary(rows)),
    ]


def _listed(sentences: Sequence[str]) -> list[str]:
    return [*(f"- {sentence}" for sentence in sentences), ""]


def _injected(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Outcomes by incident, over all runs that had any."""
    found: dict[str, list[Row]] = {}
    for one in (one for row in rows for one in row.get("incidents", ()) if one["caught"] is not None):
        found.setdefault(one["incident"], []).append(one)
    return found


def _incidents(rows: Sequence[Row]) -> list[str]:
    found = _injected(rows)
    if not found:
        return []
    lines = [
        "### Injected incidents", "",
        "Injected one after the other into the same traffic at half of the knee, 45 minutes apart, 20 minutes each;",
        "where the traffic pauses, so that fewer than 30 requests come in the first half of the time, none counts.", "",
        "| incident | within | caught | after, median | told by |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for title, times in found.items():
        after = [one["after"] for one in times if one["after"] is not None]
        by = ", ".join(sorted({one["alert"] for one in times if one["alert"]})) or "none"
        middle = f"{median(after):.1f} min" if after else "never"
        caught = sum(one["caught"] for one in times)
        lines.append(f"| {title} | {times[0]['within']:g} min | {caught} of {len(times)} | {middle} | {by} |")
    return [*lines, ""]


@dataclass(frozen=True)
class Sums:
    """What rows add up to: false alerts in so many days, hurt minutes and missed ones, minutes to each incident."""

    days: float
    pages: int
    warnings: int
    hurt: int
    missed: int
    incidents: int
    after: tuple[float, ...]  # of those that were caught

    @property
    def pages_per_month(self) -> str:
        return _per(self.pages, self.days, MONTH)

    @property
    def warnings_per_week(self) -> str:
        return _per(self.warnings, self.days, WEEK)

    @property
    def caught(self) -> str:
        return f"{1 - self.missed / self.hurt:.1%} of {self.hurt}" if self.hurt else "none of 0"


def sums(rows: Sequence[Row]) -> Sums:
    false = [one["severity"] for row in rows for one in row["alerts"] if one["false"]]
    every = [one for times in _injected(rows).values() for one in times]
    return Sums(
        sum(row["engine_days"] for row in rows), false.count("critical"), false.count("warning"),
        sum(row["hurt_minutes"] for row in rows), sum(row["missed_minutes"] for row in rows),
        len(every), tuple(one["after"] for one in every if one["caught"]),
    )  # fmt: skip


def summary(rows: Sequence[Row]) -> list[str]:
    """Sentences: false alarms per time, and hurt minutes that were told of."""
    found = sums(rows)
    return [
        f"False pages (critical): {found.pages} in {found.days:.2f} engine-days, "
        f"{found.pages_per_month} per engine-month.",
        f"False warnings: {found.warnings}, {found.warnings_per_week} per engine-week.",
        f"Hurt minutes that an alert told of in time: {found.caught}.",
        *_told(found),
    ]


def _told(found: Sums) -> list[str]:
    if not found.incidents:
        return []
    middle = f", {median(found.after):.1f} minutes after they began (median)" if found.after else ""
    return [f"Injected incidents that were caught in time: {len(found.after)} of {found.incidents}{middle}."]


def beside(sides: Mapping[str, Sequence[Row]]) -> list[str]:
    """Lines of Markdown: each one's rules on the same traffic, by name."""
    lines = [
        "| rules | engine-days | false pages per engine-month | false warnings per engine-week | hurt minutes caught "
        "| incidents caught |",
        "|---|---|---|---|---|---|",
    ]
    for name, rows in sides.items():
        found = sums(rows)
        told = f"{len(found.after)} of {found.incidents}" if found.incidents else "not played"
        lines.append(
            f"| {name} | {found.days:.2f} | {found.pages_per_month} | {found.warnings_per_week} | {found.caught} "
            f"| {told} |"
        )
    return lines


def _per(count: int, days: float, span: float) -> str:
    return f"{count / days * span:.2f}" if days else "0.00"


def _line(row: Row) -> str:
    share = row["hurt_requests"] / row["requests"] if row["requests"] else 0.0
    alerts = "<br>".join(_alert(one) for one in row["alerts"] if one["severity"] != "info") or "none"
    cells = (
        row["trace"], row["preset"], f"{row['load']:g} ({row['knee_share']:.0%})", f"{row['engine_days']:g}",
        f"{share:.2%}", alerts, row["hurt_minutes"], row["missed_minutes"],
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _alert(one: Mapping[str, Any]) -> str:
    said = f"{one['alert']} {one['severity']}: {(one['until'] - one['since']) / 60:.0f}, {one['hurt_share']:.1%}"
    return f"**{said}, false**" if one["false"] else said
