"""The rows of a run as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def lead(rows: Sequence[Row]) -> list[str]:
    """Markdown: what the scorecard begins with."""
    return [
        "## Recorded traffic",
        "",
        "Requests that users of real services sent, replayed without a fault: an alert is right if users were hurt,",
        "false if they were not. [Every run](traffic.md), with what hurt and false mean.",
        "",
        *_by_trace(rows),
        "",
        *_listed(summary(rows)),
        "## Simulated incidents",
        "",
    ]


def _by_trace(rows: Sequence[Row]) -> list[str]:
    """Markdown: a line for each trace, over all of its runs."""
    lines = [
        "| trace | engine-days | requests hurt | hurt minutes | told of in time | false pages | false warnings |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for trace in dict.fromkeys(row["trace"] for row in rows):
        own = [row for row in rows if row["trace"] == trace]
        hurt, missed = sum(row["hurt_minutes"] for row in own), sum(row["missed_minutes"] for row in own)
        cells = (
            trace, f"{sum(row['engine_days'] for row in own):.2f}",
            f"{sum(row['hurt_requests'] for row in own) / sum(row['requests'] for row in own):.2%}",
            hurt, hurt - missed, _false(own, "critical"), _false(own, "warning"),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _false(rows: Sequence[Row], severity: str) -> int:
    return sum(one["false"] and one["severity"] == severity for row in rows for one in row["alerts"])


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


def summary(rows: Sequence[Row]) -> list[str]:
    """Sentences: false alarms per time, and hurt minutes that were told of."""
    days = sum(row["engine_days"] for row in rows)
    false = {severity: _false(rows, severity) for severity in ("critical", "warning")}
    hurt, missed = sum(row["hurt_minutes"] for row in rows), sum(row["missed_minutes"] for row in rows)
    caught = f"{1 - missed / hurt:.1%} of {hurt}" if hurt else "none of 0"
    return [
        f"False pages (critical): {false['critical']} in {days:.2f} engine-days, "
        f"{_per(false['critical'], days, MONTH)} per engine-month.",
        f"False warnings: {false['warning']}, {_per(false['warning'], days, WEEK)} per engine-week.",
        f"Hurt minutes that an alert told of in time: {caught}.",
        *_told(rows),
    ]


def _told(rows: Sequence[Row]) -> list[str]:
    every = [one for times in _injected(rows).values() for one in times]
    if not every:
        return []
    after = [one["after"] for one in every if one["caught"]]
    middle = f", {median(after):.1f} minutes after they began (median)" if after else ""
    return [f"Injected incidents that were caught in time: {len(after)} of {len(every)}{middle}."]


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
