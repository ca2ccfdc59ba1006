"""A made-up fleet in a real Prometheus: raw series and what the rules record of them. Built once, for every worker."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.history import ALL_FEATURES, Replica, history
from harness.programs import ROOT, Line, Server, backfill, openmetrics_line, record, running_prometheus

END = 1_800_000_000 + 1200  # twenty minutes past an hour: budgets read the full hours
MINUTES, RECORDED = 70, 40
OLD = ("0.8.5", "0.9.2", "0.10.2", "0.12.0", "0.16.0", "0.20.0", "0.26.0")
FLEET = (
    *(Replica(f"chat-{n}:8000", features=ALL_FEATURES, load=1 + n / 10) for n in range(3)),
    Replica("code-0:8000", "acme/code", engines=2, features=ALL_FEATURES, incident="errors", namespace="dev"),
    *(Replica(f"old-{version}:8000", f"acme/old-{version}", version) for version in OLD),
    Replica("gone:8000", "acme/gone", incident="down"),
)  # fmt: skip
BURN = {"alertname": "VllmErrorBudgetBurn", "model_name": "acme/code", "job": "vllm"}
# (labels, minutes since its condition began); the last does not fire yet.
ALERTS = (
    ({"alertname": "VllmTargetDown", "severity": "critical", **FLEET[-1].target}, 45),
    ({**BURN, "severity": "critical", "window": "1h"}, 30),
    ({**BURN, "severity": "warning", "window": "3d"}, 200),
    ({**BURN, "severity": "critical", "window": "6h"}, 40),
)
# Just before the next scrape: rules are evaluated somewhere between two, and by now all of them have been.
AT = END - 120 + 29


def _build(directory: Path, line: Line) -> None:
    written = [("ALERTS", {**alert, "alertstate": "firing"}, 1.0) for alert, _ in ALERTS[:-1]]
    written += [("ALERTS_FOR_STATE", alert, AT - 60.0 * minutes) for alert, minutes in ALERTS]
    alerts = "".join(
        openmetrics_line(name, labels, value, END - 30 * n)
        for name, labels, value in written
        for n in reversed(range(40))
    )
    text = history(FLEET, END, MINUTES).removesuffix("# EOF\n") + alerts + "# EOF\n"
    backfill(text, directory, line)
    record(directory, ROOT / "alerts/vllm-recording-rules.yaml", END - 60 * RECORDED, END, line=line)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share, and no other run."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def fleet_server(shared: Path, line: Line) -> Iterator[Server]:
    """A Prometheus over its own copy of the fleet; whoever comes first builds it, the others wait."""
    built = shared / f"fleet-{line}"
    try:
        os.mkdir(built)
    except FileExistsError:
        deadline = time.monotonic() + 300
        while not (built / "done").exists():
            assert time.monotonic() < deadline, "the fleet's history is not built: its builder failed"
            time.sleep(0.2)
    else:
        _build(built / "data", line)
        (built / "done").touch()
    copy = built / f"copy-{os.getpid()}-{time.monotonic_ns()}"
    shutil.copytree(built / "data", copy, ignore=shutil.ignore_patterns("lock"))
    with running_prometheus(copy, line=line) as running:
        yield running
