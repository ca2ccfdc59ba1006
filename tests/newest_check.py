"""Every scenario on every Prometheus newer than the oldest here: a script of the slower checks."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.programs import ROOT, Line, prometheus_lines, promtool_test_rules


def main() -> int:
    """Exit 1 where a scenario fails; where only one version is to be had, say so and pass."""
    jobs = [
        (line, path) for line in prometheus_lines()[1:] for path in sorted((ROOT / "tests/scenarios").glob("*.yaml"))
    ]

    def run(job: tuple[Line, Path]) -> str:
        return promtool_test_rules(job[1], job[0])

    failures = 0
    with ThreadPoolExecutor(2) as pool:
        for (line, path), faults in zip(jobs, pool.map(run, jobs), strict=True):
            failures += faults != ""
            sys.stdout.write(f"promtool {line}: {path.stem}: {faults or 'holds'}\n")
    sys.stdout.write(f"{len(jobs)} scenario files on newer versions, {failures} fail\n")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
