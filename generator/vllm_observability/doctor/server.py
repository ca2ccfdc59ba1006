"""A Prometheus examined: targets, prefix, rules, scrapes, and every query of every board."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from vllm_observability.boards.forms import Form, fleet, raw
from vllm_observability.boards.panel_words import needs_rules
from vllm_observability.catalog import checks
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards import Chart
from vllm_observability.doctor.names import Names, alerts, charts, names_of_page, of_chart
from vllm_observability.doctor.records import Diagnosis, Problem, State, wrong_prefix
from vllm_observability.pages.scrape import Sample
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.prometheus import Api, QueryRefused, page_of, samples_at, target
from vllm_observability.queries.promql import escaped
from vllm_observability.queries.recorded import Plan, plan, threshold_name
from vllm_observability.queries.unread import CREATED, Unused, family, of_a_page, unused
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

# Prefixes that people meet; any other is found by the end of the name.
RUNNING = "num_requests_running"
_NOT_RECORDED = "reads recorded series, which are not there"
MANY = 0.05  # a share of the series that is worth dropping
FULL_HOUR = "65m"  # by then rules that are evaluated have summed the budgets of a full hour


def examine(api: Api, settings: Settings, at: float | None = None) -> Diagnosis:
    """Everything that can be asked over the HTTP API."""
    now = at if at is not None else api.now()
    planned = plan(settings)
    samples = samples_at(api, settings, [], now)
    page = snapshot(page_of(samples))
    names = names_of_page(page)
    problems = [*_absent(api, samples, now), *_targets(api, settings, samples, now)]
    forms = raw(planned), fleet(planned)
    running = _recorded_running(planned)
    problems += [*_rules(api, running, samples, now), *_scrapes(api, settings, now)]
    found = Diagnosis(source=api.name, problems=tuple(problems), targets=tuple(_by_job(api, settings, now)))
    if not samples:
        return found
    counts = _counts(api, settings, samples, now)
    spare = unused(counts, settings)
    low, high = names.versions
    recorded = not any(problem.id == "rules" for problem in problems)
    young = recorded and not api.vector(f"count({running} offset {FULL_HOUR})", now)
    panels = tuple(_panels(api, forms[0], names, now, young))
    families: Counter[str] = Counter()
    for name, n in counts.items():
        families[family(name)] += n
    return replace(
        found,
        problems=(*problems, *_cost(samples, sum(counts.values()), spare)),
        panels=panels,
        fleet=tuple(_fleet(api, forms, panels, now)) if recorded else (),
        alerts=tuple(alerts(names, settings)),
        versions=f"vLLM {low or '?'} to {high or 'newest'}, by metric names",
        series=tuple(families.most_common(10)),
        unused=spare,
    )


def _counts(api: Api, settings: Settings, samples: list[Sample], at: float) -> dict[str, int]:
    """Series of each name that vLLM's targets expose, whether we know it or not."""
    found: Counter[str] = Counter()
    jobs: dict[str, set[str]] = {}
    for sample in samples:
        job, instance = target(sample.labels)
        jobs.setdefault(job, set()).add(instance)
    try:
        for job, instances in jobs.items():
            of = "|".join(map(re.escape, sorted(instances)))
            query = f'count by (__name__) ({{job="{escaped(job)}",instance=~"{escaped(of)}"}})'
            found.update({labels["__name__"]: int(n) for labels, n in api.vector(query, at)})
    except QueryRefused:
        return dict(Counter(sample.name for sample in samples))
    return {name: n for name, n in found.items() if of_a_page(name, settings)}


# -------------------------------------------------------------------------------------------- problems


def _absent(api: Api, samples: list[Sample], at: float) -> Iterator[Problem]:
    if samples:
        return
    others = {labels["__name__"] for labels, _ in api.vector(f'{{__name__=~".*{RUNNING}"}}', at)}
    prefixes = sorted(name.removesuffix(RUNNING) for name in others)
    if prefixes:
        yield wrong_prefix(prefixes)
        return
    yield Problem(
        "nothing",
        "problem",
        "not one series of vLLM",
        "scrape the engine's own port at /metrics (8000 by default), and look at the target's error in Prometheus",
    )


def _targets(api: Api, settings: Settings, samples: list[Sample], at: float) -> Iterator[Problem]:
    chosen = settings.target_selector
    up = {target(labels): value for labels, value in api.vector(f"up{{{chosen}}}", at)}
    engines = {target(sample.labels) for sample in samples}
    if jobs := sorted({job for job, instance in engines if (job, instance) not in up}):
        pattern = "|".join(jobs)
        yield Problem(
            "selector",
            "problem",
            f"the selector {chosen} misses jobs with vLLM's metrics: {', '.join(jobs)}",
            f'target_selector: job=~"{pattern}" in the settings, then vllm-obs build: panels of HTTP, process '
            "and scrapes are empty without it",
        )
    for job, instance in sorted(where for where, value in up.items() if value == 0):
        yield Problem(
            "down",
            "problem",
            f"target {instance} (job {job}) can't be scraped",
            "Prometheus' page Status > Targets says why: process, port, policy, TLS or token",
        )
    for job, instance in sorted(where for where, value in up.items() if value == 1 and where not in engines):
        server = f'http_requests_total{{job="{escaped(job)}",instance="{escaped(instance)}"}}'
        if api.vector(f"count({server})", at):
            what, fix = "only its API server's", "start it without --disable-log-stats; with Ray, scrape Ray's own port"
        else:
            what, fix = "no vLLM", "the port or path of another program: vLLM serves /metrics at its API port"
        yield Problem("no_engine_metrics", "problem", f"target {instance} (job {job}) shows {what} metrics", fix)


def _rules(api: Api, running: str, samples: list[Sample], at: float) -> Iterator[Problem]:
    if not samples:
        return
    if not api.vector(f"count({running})", at):
        yield Problem(
            "rules",
            "problem",
            "the recording rules are not loaded, which budgets, fleet boards and alerts need",
            "name both files of alerts/ under rule_files, then reload Prometheus",
        )
        return
    if not api.vector(f"count({threshold_name(checks.KV_CACHE_USAGE)})", at):
        yield Problem(
            "thresholds",
            "problem",
            "recorded series are there, but no bounds: alerts are silent",
            "load the whole alerts/vllm-recording-rules.yaml of one build, not some of its groups",
        )


def _recorded_running(planned: Plan) -> str:
    """A series that is recorded of every model."""
    recorded = planned.find("model", s.RUNNING.expr)
    if recorded is None:
        raise ValueError("running requests are not recorded")
    return recorded.name


def _scrapes(api: Api, settings: Settings, at: float) -> Iterator[Problem]:
    interval = seconds(settings.scrape_interval) or 15.0
    chosen = settings.target_selector
    for labels, took in api.vector(f"scrape_duration_seconds{{{chosen}}} > {interval / 2:g}", at):
        yield Problem(
            "slow_scrape",
            "problem",
            f"a scrape of {labels.get('instance', '?')} takes {took:.1f} s of {interval:g} s",
            "a longer interval and time-out; if the API server is busy, more of them (--api-server-count)",
        )
    counted = api.vector(f"min(count_over_time(up{{{chosen}}}[{settings.rate_window}]))", at)
    if counted and counted[0][1] < 4:
        yield Problem(
            "rate_window",
            "problem",
            f"{counted[0][1]:.0f} scrapes, not four, in {settings.rate_window}",
            "rate_window: at least four scrape intervals; scrape_interval: as Prometheus has it; both in the settings",
        )


def _cost(samples: list[Sample], total: int, spare: tuple[Unused, ...]) -> Iterator[Problem]:
    created = next((one.series for one in spare if one.pattern == CREATED), 0)
    if created > MANY * total:
        yield Problem(
            "created",
            "hint",
            f"{created} of {total} series are *_created timestamps that nothing reads",
            "PROMETHEUS_DISABLE_CREATED_SERIES=True for vLLM, or the relabel rule below",
        )
    dropped = sum(one.series for one in spare)
    if dropped > MANY * total:
        yield Problem(
            "unused",
            "hint",
            f"{dropped} of {total} series are read by no rule, panel, runbook or report of ours",
            "the relabel rules below drop them as they are scraped; other boards of yours may read some: look first",
        )
    if pids := len({sample.labels["pid"] for sample in samples if "pid" in sample.labels}):
        yield Problem(
            "pid",
            "hint",
            f"gauges carry {pids} pid labels, of several API-server processes",
            "nothing for these boards and rules, which take the largest; other queries count such gauges several times",
        )


# ---------------------------------------------------------------------------------------------- panels


def _panels(api: Api, form: Form, names: Names, at: float, young: bool) -> Iterator[State]:
    """What each panel has. `young`: the rules are loaded, but for less than an hour."""
    for place, chart in charts(form.settings):
        if any(api.vector(query, at) for query in _queries(form, chart)):
            yield State(place, True)
            continue
        missing = of_chart(place, chart, names)
        if not missing.ready:
            yield missing
        elif needs_rules(chart):
            why = "budgets are summed at full hours: wait for the next" if young else _NOT_RECORDED
            yield State(place, False, why, young)
        else:
            yield State(place, False, chart.signals[0].nothing or "no traffic in the last minutes", True)


def _fleet(api: Api, forms: tuple[Form, Form], panels: tuple[State, ...], at: float) -> Iterator[State]:
    """The same panels over recorded series: what has raw data must have data here too."""
    known = {state.of: state for state in panels}
    for place, chart in charts(forms[0].settings):
        plain, recorded = ([*_queries(form, chart)] for form in forms)
        of = f"fleet: {place}"
        if plain == recorded or not known[place].ready or any(api.vector(query, at) for query in recorded):
            yield replace(known[place], of=of)
        else:
            yield State(
                of,
                False,
                "has raw data, but none of what it reads is recorded: the rules are of another build, or fail",
            )


def _queries(form: Form, chart: Chart) -> Iterator[str]:
    """As Grafana asks with All chosen."""
    window = form.settings.rate_window
    for signal in chart.signals:
        text = form.text(chart, signal)
        for label in form.variables:
            text = text.replace(f'"${label}"', '".*"')
        yield text.replace("$__rate_interval", window).replace("$__range", "1h").replace("$price", "1")


def _by_job(api: Api, settings: Settings, at: float) -> Iterator[tuple[str, int, int]]:
    chosen = settings.target_selector
    up = {labels.get("job", ""): int(n) for labels, n in api.vector(f"sum by (job) (up{{{chosen}}})", at)}
    for labels, n in sorted(api.vector(f"count by (job) (up{{{chosen}}})", at), key=lambda row: row[0].get("job", "")):
        job = labels.get("job", "")
        yield job, int(n), up.get(job, 0)
