"""A Prometheus examined: targets, prefix, rules, scrapes, and every query of every board."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vllm_observability.boards.forms import fleet, raw
from vllm_observability.catalog import checks
from vllm_observability.catalog import signals as s
from vllm_observability.doctor import histograms
from vllm_observability.doctor.asking import OTHER_FORM, UNANSWERED, Asked, Told
from vllm_observability.doctor.beside import beside, beside_alerts
from vllm_observability.doctor.front_end import explained, rust_front_end
from vllm_observability.doctor.names import alerts, names_of_page
from vllm_observability.doctor.records import Diagnosis, Problem, State, summed_labels, wrong_prefix
from vllm_observability.doctor.targets import cure, errors, failing_rules, quoted
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import Sample
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.prometheus import (
    Api,
    QueryRefused,
    as_pages,
    known_bounds,
    matching,
    page_of,
    rows_at,
    target,
)
from vllm_observability.queries.recorded import Plan, plan, threshold_name
from vllm_observability.queries.unread import CREATED, Unused, family, of_a_page, unused
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

# Prefixes that people meet; any other is found by the end of the name.
RUNNING = "num_requests_running"
MANY = 0.05  # a share of the series that is worth dropping
MOST_RULES = 5  # that fail and are named
_MINUTES = 10  # in which scrapes are counted
FULL_HOUR = "65m"  # by then rules that are evaluated have summed the budgets of a full hour


@dataclass(frozen=True)
class _Names:
    """How jobs, instances and metrics are called in what is said: as they are, or by words that tell nothing."""

    redaction: Redaction | None

    def __call__(self, kind: str, name: str) -> str:
        """The name of a job, an instance and the like."""
        return self.redaction.word(kind, name) if self.redaction else name

    def metric(self, name: str) -> str:
        """A metric's name."""
        return self.redaction.metric(name) if self.redaction and name != CREATED else name

    def quote(self, text: str) -> str:
        """Somebody else's words."""
        return "…" if self.redaction else quoted(text)

    def selector(self, text: str) -> str:
        """A selector of the settings."""
        return text if self.redaction is None or text == Settings().target_selector else "of the settings"


def examine(
    api: Api,
    settings: Settings,
    at: float | None = None,
    redaction: Redaction | None = None,
    told: Told | None = None,
) -> Diagnosis:
    """Everything that can be asked over the HTTP API; raises SourceError where nothing can.

    Questions of the boards are asked side by side. What is not answered, or not before the time for all of them is up,
    is said panel by panel.
    """
    now = at if at is not None else api.now()
    rows = rows_at(api, settings, [], now)
    loaded = histograms.read_by_rules(api) if rows else None
    stored = histograms.stored(rows, settings)
    unread = tuple(histograms.problems(stored, settings, loaded))
    settings = replace(settings, histograms=loaded or settings.histograms)
    other_form = stored.needs != "both" and not histograms.fits(stored, settings.histograms)
    blind = frozenset(histograms.blind(settings) if other_form else ())
    call, planned = _Names(redaction), plan(settings)
    samples = as_pages([rows], known_bounds(settings))[0]
    page = snapshot(page_of(samples), settings.metric_prefixes)
    names = names_of_page(page)
    foreign = _foreign(api, samples, now)
    problems = [*_absent(settings, samples, foreign), *_targets(api, settings, samples, foreign, now, call)]
    problems += [*_rules(api, planned, samples, now, call), *unread, *_scrapes(api, settings, now, call)]
    around = tuple(beside(api, planned, now)) if samples else ()
    problems += around
    jobs = tuple((call("job", job), n, up) for job, n, up in _by_job(api, settings, now))
    found = Diagnosis(source=call("page", api.name), problems=tuple(problems), targets=jobs)
    if not samples:
        return replace(found, problems=(*problems, *_remarks(api, call)))
    counts = _counts(api, settings, samples, now)
    # Where rules and samples differ, names that the right rules would read are not spare.
    spare = unused(counts, replace(settings, histograms="both") if unread else settings)
    low, high = names.versions
    recorded = not any(problem.id == "rules" for problem in problems)
    young = recorded and not api.vector(f"count({_recorded_running(planned)} offset {FULL_HOUR})", now)
    asked = Asked(api, names, now, recorded, young, other_form, told)
    forms = raw(planned), fleet(planned)
    panels = asked.panels(forms[0])
    families: Counter[str] = Counter()
    for name, n in counts.items():
        families[family(name)] += n
    rust = rust_front_end(page)
    fleet_panels = asked.fleet(forms, panels) if recorded else ()
    cost = _cost(samples, sum(counts.values()), spare)
    return replace(
        found,
        problems=(
            *problems,
            *summed_labels(names.apart, settings),
            *cost,
            *rust,
            *_remarks(api, call),
            *_unanswered((*panels, *fleet_panels)),
        ),
        panels=explained(panels, rust),
        fleet=explained(fleet_panels, rust),
        alerts=explained((*_seen(alerts(names, settings), blind), *beside_alerts(around, settings)), rust),
        versions=f"vLLM {low or '?'} to {high or 'newest'}, by metric names",
        series=tuple((call.metric(name), n) for name, n in families.most_common(10)),
        unused=spare if redaction is None else tuple(_hidden(one, counts, call) for one in spare),
    )


def _seen(states: Iterator[State], blind: frozenset[str]) -> Iterator[State]:
    yield from (replace(each, ready=False, why=OTHER_FORM) if each.of in blind else each for each in states)


def _hidden(one: Unused, counts: dict[str, int], call: _Names) -> Unused:
    """A pattern of names that are not vLLM's own tells whose they are."""
    names = [name for name in counts if re.fullmatch(one.pattern, name)]
    known = all(call.metric(name) == name for name in names)
    return one if known or one.pattern == CREATED else Unused(call("metric", one.pattern), one.series)


def _counts(api: Api, settings: Settings, samples: list[Sample], at: float) -> dict[str, int]:
    """Series of each name that vLLM's targets expose, whether we know it or not."""
    found: Counter[str] = Counter()
    try:
        for of_targets in matching({target(sample.labels) for sample in samples}, api):
            query = f"count by (__name__) ({{{','.join(of_targets)}}})"
            found.update({labels.get("__name__", ""): _whole(n) for labels, n in api.vector(query, at)})
    except QueryRefused:
        return dict(Counter(sample.name for sample in samples))
    return {name: n for name, n in found.items() if of_a_page(name, settings)}


# -------------------------------------------------------------------------------------------- problems


def _foreign(api: Api, samples: list[Sample], at: float) -> dict[tuple[str, str], str]:
    """Targets whose names begin otherwise than the settings say, and how; beside known engines only vLLM's own."""
    engines = {target(sample.labels) for sample in samples}
    try:
        rows = api.vector(f'{{__name__=~".*{RUNNING}"}}', at)
    except QueryRefused:
        rows = []
    names = {target(labels): labels.get("__name__", "") for labels, _ in rows}
    prefixes = {where: name.removesuffix(RUNNING) for where, name in names.items() if where not in engines}
    return {where: prefix for where, prefix in prefixes.items() if not engines or re.search("vllm[:_]$", prefix)}


def _absent(settings: Settings, samples: list[Sample], foreign: Mapping[tuple[str, str], str]) -> Iterator[Problem]:
    if foreign:
        yield wrong_prefix(sorted(set(foreign.values())), settings.metric_prefixes if samples else ())
    if samples or foreign:
        return
    yield Problem(
        "nothing",
        "problem",
        "this Prometheus has no vLLM series",
        "scrape the engine's own port at /metrics (8000 by default); Prometheus' target page shows scrape errors",
    )


def _targets(
    api: Api,
    settings: Settings,
    samples: list[Sample],
    foreign: Container[tuple[str, str]],
    at: float,
    call: _Names,
) -> Iterator[Problem]:
    chosen = settings.target_selector
    up = {target(labels): value for labels, value in api.vector(f"up{{{chosen}}}", at)}
    engines = {target(sample.labels) for sample in samples}
    if jobs := sorted({job for job, instance in engines if (job, instance) not in up}):
        jobs = [call("job", job) for job in jobs]
        yield Problem(
            "selector",
            "problem",
            f"the selector {call.selector(chosen)} misses jobs with vLLM's metrics: {', '.join(jobs)}",
            f'target_selector: job=~"{"|".join(jobs)}" in the settings, then vllm-obs build: panels of HTTP, process '
            "and scrapes are empty without it",
        )
    down = sorted(where for where, value in up.items() if value == 0)
    why = errors(api) if down else {}
    for where in down:
        error = why.get(where, "")
        said = f": {call.quote(error)}" if error else ""
        yield Problem(
            "down",
            "problem",
            f"target {call('instance', where[1])} (job {call('job', where[0])}) can't be scraped{said}",
            cure(error),
        )
    silent = sorted(
        where for where, value in up.items() if value == 1 and where not in engines and where not in foreign
    )
    served = f"group by (job, instance) (http_requests_total{{{chosen}}})" if silent else ""
    servers = {target(labels) for labels, _ in api.vector(served, at)} if silent else set()
    for job, instance in silent:
        if (job, instance) in servers:
            what, fix = "only its API server's", "start it without --disable-log-stats; with Ray, scrape Ray's own port"
        else:
            what, fix = "no vLLM", "the port or path of another program: vLLM serves /metrics at its API port"
        yield Problem(
            "no_engine_metrics",
            "problem",
            f"target {call('instance', instance)} (job {call('job', job)}) shows {what} metrics",
            fix,
        )


def _why_failing(error: str) -> str:
    if "native histograms are disabled" in error:
        return "start Prometheus with --enable-feature=native-histograms: until then these histograms are lost"
    return "load the rules of one build only once: two copies, or rules with equal names, write a series twice"


def _rules(api: Api, planned: Plan, samples: list[Sample], at: float, call: _Names) -> Iterator[Problem]:
    if not samples:
        return
    failing = list(failing_rules(api))
    for name, error in failing[:MOST_RULES]:
        yield Problem(
            "rule_fails",
            "problem",
            f"rule {name} fails: {call.quote(error)}",
            _why_failing(error),
        )
    if (more := len(failing) - MOST_RULES) > 0:
        yield Problem("rule_fails", "problem", f"{more} more rules fail", "fix the first ones, then look again")
    if not api.vector(f"count({_recorded_running(planned)})", at):
        yield Problem(
            "rules",
            "problem",
            "the recording rules are not loaded; budgets, fleet boards and alerts need them",
            "name both files of alerts/ under rule_files, then reload Prometheus",
        )
        return
    if not api.vector(f"count({threshold_name(checks.KV_CACHE_USAGE)})", at):
        yield Problem(
            "thresholds",
            "problem",
            "there are recorded series, but no thresholds: alerts stay silent",
            "load the whole alerts/vllm-recording-rules.yaml of one build, not only some of its groups",
        )
    yield from _left_raw(api, planned, samples, at, call)


def _left_raw(api: Api, planned: Plan, samples: list[Sample], at: float, call: _Names) -> Iterator[Problem]:
    """Servers whose series no rule records, and why: fleet boards, budgets and most alerts don't see them."""
    recorded = planned.find("engine", s.RUNNING.expr)
    if recorded is None:
        return
    rows = api.vector(f"group by (job, instance) ({recorded.name})", at)
    there = {labels.get("instance", "") for labels, _ in rows}
    running = [sample for sample in samples if sample.name.endswith(RUNNING)]
    left = {target(sample.labels): sample for sample in running if sample.labels.get("instance", "") not in there}
    reasons: dict[tuple[str, str], list[str]] = {}
    for (_, instance), sample in sorted(left.items()):
        lacks = [label for label in ("model_name", "instance") if not sample.labels.get(label)]
        if lacks:
            why = (f"they lack the label {lacks[0]}", "keep it in the scrape job's relabel rules")
        else:
            why = (
                "they are younger than the last evaluation, not all groups are loaded, or another Prometheus has them",
                "wait a minute and look again; then load all groups where these servers are scraped",
            )
        reasons.setdefault(why, []).append(call("instance", instance))
    for (reason, fix), instances in reasons.items():
        shown = ", ".join(instances[:3]) + (f" and {len(instances) - 3} more" if len(instances) > 3 else "")
        yield Problem("left_raw", "problem", f"no rule records the series of {shown}: {reason}", fix)


def _recorded_running(planned: Plan) -> str:
    """A series that is recorded of every model."""
    recorded = planned.find("model", s.RUNNING.expr)
    if recorded is None:
        raise ValueError("running requests are not recorded")
    return recorded.name


def _scrapes(api: Api, settings: Settings, at: float, call: _Names) -> Iterator[Problem]:
    interval = seconds(settings.scrape_interval) or 15.0
    chosen = settings.target_selector
    for labels, took in api.vector(f"scrape_duration_seconds{{{chosen}}} > {interval / 2:g}", at):
        yield Problem(
            "slow_scrape",
            "problem",
            f"a scrape of {call('instance', labels.get('instance', '?'))} takes {took:.1f} s of {interval:g} s",
            "a longer interval and time-out; if the API server is busy, more of them (--api-server-count)",
        )
    yield from _interval(api, settings, at)
    counted = api.vector(f"min(count_over_time(up{{{chosen}}}[{settings.rate_window}]))", at)
    if counted and counted[0][1] < 4:
        yield Problem(
            "rate_window",
            "problem",
            f"{counted[0][1]:.0f} scrapes, not four, in {settings.rate_window}",
            "rate_window: at least four scrape intervals; scrape_interval: as Prometheus has it; both in the settings",
        )


def _interval(api: Api, settings: Settings, at: float) -> Iterator[Problem]:
    """Scrapes rarer than the boards think: a rate over four intervals then holds too few, and graphs are empty."""
    interval = seconds(settings.scrape_interval) or 15.0
    up = f"up{{{settings.target_selector}}}"
    # Of targets that have been there all the time; the seconds between two of their scrapes.
    asked = f"{_MINUTES * 60} / min(count_over_time({up}[{_MINUTES}m]) and {up} offset {_MINUTES}m)"
    for _, every in api.vector(asked, at):
        if every > 1.5 * interval:
            gaps = every <= 2 * interval  # two scrapes in a window of four intervals, until one of them fails
            yield Problem(
                "scrape_interval",
                "hint" if gaps else "problem",
                f"targets are scraped every {every:.0f} s, where the boards are built for {settings.scrape_interval}: "
                + ("after a failed scrape graphs of rates have gaps" if gaps else "graphs of rates stay empty"),
                f"scrape_interval: {every:.0f}s in the settings, then vllm-obs build; the same as Scrape interval of "
                "Grafana's data source",
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
            f"{dropped} of {total} series are read by no rule, panel, runbook or report of this bundle",
            "the relabel rules below drop them at the scrape; check first whether your other boards read some",
        )
    if pids := len({sample.labels["pid"] for sample in samples if "pid" in sample.labels}):
        yield Problem(
            "pid",
            "hint",
            f"gauges carry {pids} pid labels, from several API-server processes",
            "nothing for these boards and rules, which take the largest; other queries count such gauges several times",
        )


# ---------------------------------------------------------------------------------------------- panels


def _unanswered(states: Sequence[State]) -> Iterator[Problem]:
    """That some questions had no answer is a fault of its own: nothing is known of these panels."""
    if n := sum(state.why == UNANSWERED for state in states):
        yield Problem(
            "unanswered",
            "problem",
            f"the server did not answer {n} of {len(states)} panels in time",
            "allow more time with --timeout, or ask when the server is less busy; nothing is known about these panels",
        )


def _remarks(api: Api, call: _Names) -> Iterator[Problem]:
    """What the server itself warns of: partial answers, stores that are away."""
    for note in api.remarks:
        yield Problem(
            "remark",
            "hint",
            f"the server remarks: {call.quote(note)}",
            "answers may be incomplete: look into the server's own log",
        )


def _by_job(api: Api, settings: Settings, at: float) -> Iterator[tuple[str, int, int]]:
    chosen = settings.target_selector
    up = {labels.get("job", ""): _whole(n) for labels, n in api.vector(f"sum by (job) (up{{{chosen}}})", at)}
    for labels, n in sorted(api.vector(f"count by (job) (up{{{chosen}}})", at), key=lambda row: row[0].get("job", "")):
        job = labels.get("job", "")
        yield job, _whole(n), up.get(job, 0)


def _whole(n: float) -> int:
    """A count, whatever was answered."""
    return int(n) if math.isfinite(n) else 0
