"""`scorecard.py traffic`: our rules, or somebody else's, judged by whether users of recorded traffic were hurt."""

from __future__ import annotations

import json
import sys
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import click
import yaml

from traffic.play import LOADS, Job, runs
from traffic.table import summary, table
from vllm_observability.settings import SettingsError, load
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.recorded import TraceError, read_all

DEFAULT_PRESETS = ("8b-datacentre", "70b-datacentre-steps")
LASTS, QUICK_LASTS = 3 * 3600.0, 2400.0
MOST, QUICK_MOST = 600_000, 30_000  # requests of a run
QUICK_LOADS = (0.6,)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "store", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows there.")
@click.option("--add", is_flag=True, help="Keep the rows in --json of other traces and presets: all of it takes hours.")
@click.option("--table", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the page there.")
@click.option("--check", is_flag=True, help="Fail where a critical alert was false.")
@click.option("--quick", is_flag=True, help="Each trace on one preset at one load for 15 to 40 minutes.")
@click.option("--preset", "presets", multiple=True, type=click.Choice(sorted(PRESETS)), help="Repeatable.")
@click.option("--only", multiple=True, metavar="TRACE", help="Of the folder only these; repeatable.")
@click.option("--hours", type=click.FloatRange(min=0.25), help="How long a run lasts at most (default: 3).")
@click.option("--rules", "rule_files", multiple=True, type=click.Path(exists=True), help="Other rules than ours.")
@click.option("--settings", "site", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Of the site.")
@click.option("--incidents/--no-incidents", default=None, help="Inject faults too (default: unless --quick).")
@click.option("--jobs", default=2, show_default=True)
def traffic(
    folder: Path,
    store: Path | None,
    add: bool,
    page: Path | None,
    check: bool,
    quick: bool,
    presets: tuple[str, ...],
    only: tuple[str, ...],
    hours: float | None,
    rule_files: tuple[str, ...],
    site: Path | None,
    incidents: bool | None,
    jobs: int,
) -> None:
    """Play every trace of FOLDER at several loads, without a fault, and say which alerts were right; then with faults,
    and say which were told of.
    """
    try:
        traces = [trace for trace in read_all(folder) if not only or trace.name in only]
    except TraceError as error:
        raise click.UsageError(str(error)) from None
    if not traces:
        raise click.UsageError(f"{folder} has none of {', '.join(only)}")
    chosen = presets or (DEFAULT_PRESETS[:1] if quick else DEFAULT_PRESETS)
    lasts = hours * 3600 if hours else QUICK_LASTS if quick else LASTS
    shares, most = (QUICK_LOADS, QUICK_MOST) if quick else (LOADS, MOST)
    inject = not quick if incidents is None else incidents
    chose = _settings(site) if site else {}
    work = [Job(trace, preset, shares, lasts, most, rule_files, inject, chose) for trace in traces for preset in chosen]
    played = {(job.trace.name, job.preset) for job in work}
    rows = [row for row in kept(store if add else None) if (row["trace"], row["preset"]) not in played]
    with Pool(min(jobs, len(work))) as pool:
        for found in pool.imap_unordered(runs, work, chunksize=1):
            rows += found
            for row in found:
                click.echo(_said(row), err=True)
            rows.sort(key=lambda row: (row["trace"], row["preset"], row["load"]))
            _keep(store, json.dumps(rows, indent=1) + "\n")  # as it grows: all of it takes hours
            _keep(page, table(rows))
    for line in summary(rows):
        click.echo(line)
    if check and any(one["false"] and one["severity"] == "critical" for row in rows for one in row["alerts"]):
        sys.exit(1)


def _settings(site: Path) -> dict[str, Any]:
    try:
        load(site)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    return dict(yaml.safe_load(site.read_text(encoding="utf-8")) or {})


def kept(store: Path | None) -> list[dict[str, Any]]:
    """Rows of an earlier run."""
    if store is None or not store.exists():
        return []
    try:
        found = json.loads(store.read_text(encoding="utf-8"))
        return [row for row in found if {"trace", "preset", "load", "alerts"} <= row.keys()]
    except (OSError, ValueError, AttributeError, TypeError):
        raise click.UsageError(f"{store} holds no rows of this command") from None


def _said(row: dict[str, Any]) -> str:
    alerts = sorted({f"{one['alert']} {one['severity']}{' FALSE' * one['false']}" for one in row["alerts"]})
    return (
        f"{row['trace']}, {row['preset']}, {row['load']:g}/s ({row['knee_share']:.0%}): "
        f"{row['hurt_requests']} of {row['requests']} hurt, {row['hurt_minutes']} minutes hurt, "
        f"{row['missed_minutes']} missed; {', '.join(alerts) or 'no alert'}"
    )


def _keep(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        sys.exit(f"{path} can't be written: {error.strerror or error}")
