"""Every scenario told again in other words (see variants.py), through promtool; one of the slower checks."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.programs import prometheus_lines, promtool_test_rules, write_rules
from variants import RETELLINGS, Retelling, document, retold
from vllm_observability.build.artefacts import rule_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse


def main() -> int:
    """Print what fails; 1 where anything does."""
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [(Path(scratch), one) for one in RETELLINGS if one.name in sys.argv[1:] or not sys.argv[1:]]
        with ThreadPoolExecutor(2) as pool:
            results = [result for found in pool.map(lambda job: _run(*job), jobs) for result in found]
    faults = [fault for _, fault in results if fault]
    told = sum(count for count, _ in results)
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.stdout.write(f"{told} scenarios told again in {len(jobs)} ways, {len(faults)} files fail\n")
    return 1 if faults else 0


def _run(scratch: Path, retelling: Retelling) -> list[tuple[int, str]]:
    rules = scratch / retelling.name.replace(" ", "-")
    site = parse({"metric_prefixes": [retelling.prefix], "histograms": retelling.histograms})
    write_rules(rule_files(rules_for(site)), rules / "alerts")
    by_file: dict[str, list[dict[str, object]]] = {}
    for stem, test, _ in retold(retelling):
        by_file.setdefault(stem, []).append(test)
    found = []
    line = prometheus_lines()[0 if retelling.histograms == "classic" else -1]
    for stem, tests in by_file.items():
        fault = promtool_test_rules(document(rules / f"{stem}.yaml", tests, rules), line)
        found.append((len(tests), fault and f"== {retelling.name}, {stem}\n{fault[:6000]}"))
    return found


if __name__ == "__main__":
    sys.exit(main())
