"""Rule tests in parts: each test of a file with the rules that its assertions can see, since promtool evaluates every
rule at every minute of every test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

_WORD = re.compile(r"[a-zA-Z_:][\w:]*")
_ALERT = re.compile(r'alertname="(\w+)"')
LOADER, _DUMPER = yaml.CSafeLoader, yaml.CSafeDumper  # ten times faster than those in Python
Data = dict[str, Any]


def parts(path: Path) -> Iterator[tuple[Data, list[list[Data]]]]:
    """(rule tests, groups of each of their rule files): those that ask about the same rules are together.

    Every rule that an assertion names is there, and whatever that reads, by way of any number of rules.
    """
    document = _read(path)
    files = [_read(path.parent / name)["groups"] for name in document["rule_files"]]
    together: dict[frozenset[str], list[Data]] = {}
    for test in document["tests"]:
        together.setdefault(_named(test, files), []).append(test)
    for names, tests in together.items():
        groups = [
            [{**group, "rules": [rule for rule in group["rules"] if _name(rule) in names]} for group in file]
            for file in files
        ]
        yield {**document, "tests": tests}, [[group for group in file if group["rules"]] for file in groups]


def written(path: Path, folder: Path) -> list[Path]:
    """The parts as files that promtool reads."""
    found = []
    for number, (document, files) in enumerate(parts(path)):
        names = [f"{path.stem}-{number}-rules-{index}.yaml" for index in range(len(files))]
        for name, groups in zip(names, files, strict=True):
            (folder / name).write_text(_text({"groups": groups}))
        found.append(folder / f"{path.stem}-{number}.yaml")
        found[-1].write_text(_text({**document, "rule_files": names}))
    return found


def _named(test: Mapping[str, Any], files: Sequence[Sequence[Data]]) -> frozenset[str]:
    """Alerts and series that a test's assertions are about, and what these read."""
    by_name: dict[str, list[Data]] = {}
    for rule in (rule for file in files for group in file for rule in group["rules"]):
        by_name.setdefault(_name(rule), []).append(rule)
    asked = [check["expr"] for check in test.get("promql_expr_test", [])]
    ahead = [check["alertname"] for check in test.get("alert_rule_test", [])]
    ahead += [word for expr in asked for word in (*_WORD.findall(expr), *_ALERT.findall(expr))]
    if any("ALERTS" in expr and not _ALERT.search(expr) for expr in asked):  # of every alert
        ahead += [name for name, rules in by_name.items() if "alert" in rules[0]]
    found = set[str]()
    while ahead:
        name = ahead.pop()
        if name in by_name and name not in found:
            found.add(name)
            ahead += [word for rule in by_name[name] for word in _WORD.findall(rule["expr"])]
    return frozenset(found)


def _name(rule: Mapping[str, Any]) -> str:
    return str(rule.get("record") or rule["alert"])


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)


def _text(data: object) -> str:
    return str(yaml.dump(data, Dumper=_DUMPER, width=10**9, sort_keys=False, allow_unicode=True))
