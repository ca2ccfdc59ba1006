"""Whether docs/cost.md was measured of these boards and rules: a release check, since measuring takes an hour."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping

from harness.cost import FORMS
from harness.programs import ROOT, RULE_FILES, rule_groups

PAGE = ROOT / "docs/cost.md"


def counted_by(page: str) -> tuple[dict[str, int], dict[str, int]]:
    """What a page on cost is about: queries of each board in each form, rules of each group."""
    queries = re.findall(r"^\| (vllm-\S+ \| (?:raw|fleet)) \| (\d+) \|", page, re.M)
    rules = re.findall(r"^\| (vllm-\S+) \| \d+[sm] \| (\d+) \|", page, re.M)
    return {name: int(n) for name, n in queries}, {name: int(n) for name, n in rules}


def counted_now() -> tuple[dict[str, int], dict[str, int]]:
    """The same of the emitted files."""
    queries = {}
    for form, folder in FORMS.items():
        for path in folder.glob("vllm-*.json"):
            panels = json.loads(path.read_text())["panels"]
            queries[f"{path.stem} | {form}"] = sum(len(p.get("targets", [])) for p in panels if p["type"] != "row")
    return queries, {group["name"]: len(group["rules"]) for group in rule_groups(*RULE_FILES)}


def differences(then: Mapping[str, int], now: Mapping[str, int], what: str) -> Iterator[str]:
    """Each number of the page that is another one today."""
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name}: {then.get(name, 'no')} {what} on the page, {now.get(name, 'no')} now"


def main() -> int:
    """0 where the page is of what there is."""
    (queries, rules), (queries_now, rules_now) = counted_by(PAGE.read_text()), counted_now()
    found = [*differences(queries, queries_now, "queries"), *differences(rules, rules_now, "rules")]
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"docs/cost.md: {'stale: run `make bench`' if found else 'measured of what there is'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
