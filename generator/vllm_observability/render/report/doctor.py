"""What the doctor says -> text for a terminal, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from vllm_observability.doctor import Coverage, Diagnosis, Problem, State, Unused, Upgrade
from vllm_observability.words.phrases import neutral


def diagnosis_text(found: Diagnosis) -> str:
    """Problems first, each with what to do; then what is empty, and why."""
    lines = [f"vLLM doctor: {neutral(found.source)}"]
    if found.versions:
        lines.append(found.versions)
    lines += [f"  {neutral(job)}: {up} of {n} targets up" for job, n, up in found.targets]
    lines += [*_problems(found.problems), "", *_states("Panels", found.panels)]
    lines += [*_states("Fleet panels", found.fleet), *_states("Alerts", found.alerts)]
    if found.unused:
        lines += [
            "",
            "Series that nothing in this bundle reads; put this under scrape_configs (other boards may read some)",
        ]
        lines += relabelling(found.unused)
    if found.series:
        lines += ["", "Metrics with most series, over all targets"]
        lines += [f"  {count:>7,}  {neutral(name)}" for name, count in found.series]
    lines += ["", "All is well." if found.sound else "Something needs fixing."]
    return "\n".join(lines) + "\n"


def relabelling(unused: Sequence[Unused]) -> Iterator[str]:
    """YAML that drops them, with the saving of each rule; names come from pages, and are quoted as JSON is."""
    yield f"metric_relabel_configs:  # {sum(one.series for one in unused):,} series fewer"
    for one in unused:
        yield f"  - source_labels: [__name__]  # {one.series:,}"
        yield f"    regex: {json.dumps(one.pattern)}"
        yield "    action: drop"


def coverage_text(source: str, found: Coverage) -> str:
    """Of one page: what its names can fill."""
    lines = [f"vLLM doctor: {neutral(source)}", *_problems(found.problems), ""]
    lines += [*_states("Panels", found.panels), *_states("Alerts", found.alerts)]
    lines += ["", "A page shows names only. Use --prometheus to see whether Prometheus reads them."]
    return "\n".join(lines) + "\n"


def _problems(problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems:
        yield from ("", f"{problem.severity}: {neutral(problem.what, 400)}", f"  fix: {neutral(problem.fix, 400)}")


def _states(what: str, states: Sequence[State]) -> Iterator[str]:
    if not states:
        return
    ready = sum(state.ready for state in states)
    yield f"{what}: {ready} of {len(states)} have their data"
    reasons: dict[tuple[bool, str], list[str]] = {}
    for state in states:
        if not state.ready:
            reasons.setdefault((state.expected, state.why), []).append(state.of)
    for (expected, why), of in sorted(reasons.items()):
        yield f"  {'as expected' if expected else 'needs fixing'}: {neutral(why, 300)}"
        yield from (f"      {name}" for name in of)


def upgrade_text(found: Upgrade) -> str:
    """What an upgrade empties, and what it brings."""
    lines = [f"From vLLM {found.before} to vLLM {found.after}", ""]
    lines += _list("Panels and alerts that become empty", [f"{of}: {why}" for of, why in found.emptied])
    lines += _list("Panels and alerts that get data", found.filled)
    lines += _list(
        "Metrics renamed (these boards and rules read both)", [f"{old} -> {new}" for old, new in found.renamed]
    )
    lines += _list("Metrics removed", found.lost)
    lines += _list("Metrics added", found.gained)
    return "\n".join(lines) + "\n"


def _list(title: str, rows: Sequence[str]) -> list[str]:
    return [f"{title}: {len(rows)}", *(f"  {neutral(row, 300)}" for row in rows)]


def doctor_json(found: Diagnosis | Coverage | Upgrade) -> str:
    """The same as data."""
    data = asdict(found)
    if isinstance(found, Diagnosis):
        data["sound"] = found.sound
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"
