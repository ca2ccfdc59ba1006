#!/usr/bin/env python3
"""Writes tests/budgets.yaml: what panels and rules read now, and a quarter more.

Run it when a panel or a rule is new, or dearer for a reason that the commit gives; the difference shows what it costs.
"""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import yaml

from harness.cost import BUDGETS, FORMS, costs, half_an_hour, panels_read, recorded, rules_read
from harness.fleet import AT, fleet_server
from harness.programs import RULE_FILES, prometheus_lines, rules_of

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# What opening a board and evaluating a rule may read: samples by Prometheus' own count, on the fleet of tests/fleet.py
# (13 servers, half an hour at 30 s), which counts the same on every machine. Written by tools/budgets.py: what is read
# now, and a quarter more.
"""


def main() -> None:
    panels: dict[str, dict[str, dict[str, int]]] = {form: {} for form in FORMS}
    evaluated: dict[str, int] = {}
    series = 0
    for line in prometheus_lines():
        with tempfile.TemporaryDirectory() as folder, fleet_server(Path(folder), line) as server:
            for form, boards in FORMS.items():
                for path in sorted(boards.glob("*.json")):
                    read = panels_read(costs(server, json.loads(path.read_text()), half_an_hour(AT)))
                    panels[form][path.stem] = _larger(panels[form].get(path.stem, {}), read)
            evaluated = _larger(evaluated, rules_read(server, rules_of(*RULE_FILES), AT))
            series = max(series, recorded(server, AT))
    data: dict[str, Any] = {
        "queries": 40,
        "recorded": _more(series),
        "panels": {form: {slug: _all_more(read) for slug, read in of.items()} for form, of in panels.items()},
        "rules": _all_more(evaluated),
    }
    BUDGETS.write_text(HEAD + yaml.safe_dump(data, sort_keys=False, width=200))


def _larger(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {**one, **other}}


def _all_more(read: dict[str, int]) -> dict[str, int]:
    return {name: _more(samples) for name, samples in read.items()}


def _more(number: float) -> int:
    """A quarter more, two digits of it, and never so little that a single engine more would be too much."""
    number = max(20, 1.25 * number)
    unit = int(10 ** (math.floor(math.log10(number)) - 1))
    return math.ceil(number / unit) * unit


if __name__ == "__main__":
    main()
