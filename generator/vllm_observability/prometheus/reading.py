"""A Prometheus -> two pages of what its vLLM servers showed, now and some time ago; only its HTTP API is asked.

Two instants, not a `rate`: counts then are whole, and the same code judges them as judges two pages. A server that
restarted in between counts from its restart on, as if it had started then. What recording rules have summed is read
from their series instead, as growth from an earlier page that has nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Matcher, Owner, Part
from vllm_observability.pages.evaluate import Window
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import Page, Sample
from vllm_observability.pages.snapshot import Snapshot, snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus.answers import Histogram, Value
from vllm_observability.prometheus.api import Api, QueryRefused
from vllm_observability.prometheus.checks import ask_checks, has_recorded, matchers
from vllm_observability.prometheus.native import Rows, as_pages, form_of, known_bounds
from vllm_observability.prometheus.summed import raw_names, recorded_form, summed
from vllm_observability.queries.promql import Reader, escaped
from vllm_observability.queries.recorded import plan
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

SMEARED = 6  # so many rate windows at least, or what these smear is too much of the answer
MOST_BEGINNINGS = 12  # moments at which servers that came within the window are looked at first
MOST_TARGETS = 500  # in one regular expression
MOST_IN_ADDRESS = 50  # where POST is refused: proxies take addresses of 8 KB
_START = m.PROCESS_START_TIME.names[0].text


@dataclass(frozen=True)
class Question:
    """What to ask: models by regular expression, further matchers as PromQL, how far back, and when (None: now)."""

    model: str | None = None
    selector: str = ""
    since: float = 3600.0
    at: float | None = None


def read_prometheus(
    url: str, question: Question, access: Access, settings: Settings, redaction: Redaction | None = None
) -> tuple[Window, Source]:
    """Growth over `since` seconds up to `at`; raises SourceError with one sentence."""
    api = Api(url.rstrip("/"), access, settings.limits.bytes)
    at = question.at if question.at is not None else api.now()
    text, chosen, planned = _text(question), _matchers(question), plan(settings)
    long = question.since >= SMEARED * (seconds(settings.rate_window) or 0)
    both = (at, at - question.since)
    recorded = chosen is not None and long and all(has_recorded(api, planned, chosen, t) for t in both)
    if recorded and (form := recorded_form(api, settings, at)):
        settings = replace(settings, histograms=form)
        planned = plan(settings)
    else:
        recorded = False
    names = raw_names(planned) if recorded else None
    answers = [rows_at(api, settings, text, t, names) for t in both]
    since = question.since
    if not recorded:
        since, first = _first_rows(api, settings, question, at, answers)
        answers[1] = [*answers[1], *first]
        settings = replace(settings, histograms=form_of(answers[0]) or settings.histograms)
        planned = plan(settings)
    later, earlier = as_pages(answers, known_bounds(settings))
    young = _restarted(api, settings, later, at, since)
    kept = [sample for sample in earlier if target(sample.labels) not in young]
    if recorded and chosen is not None:
        later += summed(api, planned, chosen, at, question.since, {sample.name for sample in later})
    if not later:
        raise api.error(_nothing(settings, text), ", ".join(text))
    pages = [page_of(samples) for samples in (later, kept)]
    if redaction:
        pages = [redaction.page(page) for page in pages]
    now, before = (snapshot(page, settings.metric_prefixes) for page in pages)
    if recorded:
        now = _with_names(now, api, settings, text, at)
    name = redaction.word("page", api.name) if redaction else api.name
    whole = recorded or bool(kept)
    asked = replace(ask_checks(api, planned, chosen, at, redaction), sums=recorded, wanted=question.since)
    window = Window(now, before if whole else None, since if whole else None, asked=asked)
    notes = api.notes
    if redaction and notes:
        notes = (f"{len(notes)} remarks of the server, which may name somebody: see them without --redact",)
    return window, Source("prometheus", name, at=at, notes=notes)


def _first_rows(
    api: Api, settings: Settings, question: Question, at: float, answers: Sequence[Rows]
) -> tuple[float, list[tuple[Mapping[str, str], Value]]]:
    """Servers that Prometheus began to scrape within the window, though they ran before: what they showed first.

    Without it their growth would be all that they did in their lives. The window is shorter where it has no server at
    its beginning.
    """
    since = question.since
    started = {
        target(labels) for labels, value in answers[0]
        if labels.get("__name__") == _START and not isinstance(value, Histogram) and value > at - since
    }  # fmt: skip
    new = {target(labels) for labels, _ in answers[0]} - {target(labels) for labels, _ in answers[1]} - started
    seen = _first_seen(api, settings, at, since) if new else {}
    slice_ = since / MOST_BEGINNINGS
    groups: dict[int, dict[tuple[str, str], float]] = {}
    for each in sorted(new & seen.keys()):
        groups.setdefault(int((at - seen[each]) / slice_), {})[each] = seen[each]
    if not answers[1] and groups:
        since = at - max(groups[max(groups)].values())
    rows: list[tuple[Mapping[str, str], Value]] = []
    for times in groups.values():
        for of_targets in matching(times, api):
            rows += rows_at(api, settings, [*_text(question), *of_targets], max(times.values()))
    return since, rows


def _first_seen(api: Api, settings: Settings, at: float, since: float) -> dict[tuple[str, str], float]:
    """When each target that has been scraped twice was first scraped within the window; nothing where the server takes
    no such question."""
    step = min(max(15, math.ceil(since / 240)), 240)  # seconds; a sample is to be seen for 300
    found: dict[tuple[str, str], float] = {}
    for name in Reader(by=(), window="", prefixes=settings.metric_prefixes).series(m.REQUESTS_RUNNING):
        times = f"timestamp({name})"
        first = f"min_over_time({times}[{math.ceil(since)}s:{step}s])"
        try:
            rows = api.vector(f"min by (job, instance) ({first} < {times})", at)
        except QueryRefused:
            return {}
        found |= {target(labels): when for labels, when in rows}
    return found


def _text(question: Question) -> list[str]:
    """The matchers of a question, as PromQL."""
    model = [f'model_name=~"{escaped(question.model)}"'] if question.model else []
    return [*model, question.selector] if question.selector else model


def _matchers(question: Question) -> tuple[Matcher, ...] | None:
    chosen = matchers(question.selector)
    if chosen is None:
        return None
    return (("model_name", "=~", question.model), *chosen) if question.model else chosen


def _with_names(page: Snapshot, api: Api, settings: Settings, matchers: Sequence[str], at: float) -> Snapshot:
    """The names that engines show, which tell their version; recorded series have lost them. None where not known."""
    pattern = "|".join(re.escape(prefix) + ".+" for prefix in settings.metric_prefixes)
    try:
        rows = api.vector(
            "group by (__name__) ({" + ",".join((f'__name__=~"{escaped(pattern)}"', *matchers)) + "})", at
        )
    except QueryRefused:
        rows = []
    found = {labels.get("__name__", "") for labels, _ in rows}
    found |= {name + Part.COUNT.value for name in found & known_bounds(settings).keys()}
    named = page_of([Sample(name, {}, 0.0, None) for name in sorted(found)])
    shown = snapshot(named, settings.metric_prefixes)
    return replace(page, used=shown.used)


def _nothing(settings: Settings, matchers: Sequence[str]) -> str:
    prefixes = " or ".join(settings.metric_prefixes)
    if not matchers:
        return f"it holds no series that begins with {prefixes}. Is a vLLM server scraped, and is the prefix right?"
    selected = ", ".join(matchers)
    return f"no series of {prefixes} has {selected}. Without a model and a selector: is there anything at all?"


# ---------------------------------------------------------------------------------------------- series


def samples_at(api: Api, settings: Settings, matchers: Sequence[str], at: float) -> list[Sample]:
    """What the engines and their servers show, as on their pages."""
    return as_pages([rows_at(api, settings, matchers, at)], known_bounds(settings))[0]


def rows_at(
    api: Api, settings: Settings, matchers: Sequence[str], at: float, names: Sequence[str] | None = None
) -> Rows:
    """Series of the engines, all or those of `names`, then of their servers, which carry no model: by their targets."""
    if names is None:
        every = "|".join(re.escape(prefix) + ".+" for prefix in settings.metric_prefixes)
        engines = _Family(every, tuple(_series(Owner.ENGINE, settings)))
    else:
        engines = _Family("|".join(map(re.escape, names)), tuple(names))
    chosen = list(_read(api, engines, matchers, at))
    targets = {target(labels) for labels, _ in chosen}
    if not targets:
        return []
    theirs = (*_series(Owner.SERVER, settings), *_series(Owner.PROCESS, settings))
    foreign = _Family("|".join(theirs), theirs)
    for of_targets in matching(targets, api):
        chosen += _read(api, foreign, of_targets, at)
        if matchers:  # some series of an engine have no model; of those, what belongs to a chosen target
            chosen += _read(api, engines, ['model_name=""', *of_targets], at)
    return chosen


@dataclass(frozen=True)
class _Family:
    """Names to ask for: as one pattern, and each by itself where a server takes no pattern (Google's does not)."""

    pattern: str
    names: tuple[str, ...]


def _series(owner: Owner, settings: Settings) -> Iterator[str]:
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes, histograms="both")
    for metric in (metric for metric in m.ALL if metric.owner is owner):
        yield from dict.fromkeys(name for part in metric.parts for name in reader.names(metric, part))


def _read(api: Api, family: _Family, matchers: Sequence[str], at: float) -> Rows:
    try:
        return api.values("{" + ",".join((f'__name__=~"{escaped(family.pattern)}"', *matchers)) + "}", at)
    except QueryRefused:
        selected = "{" + ",".join(matchers) + "}"
        return [row for name in family.names for row in api.values(name + selected, at)]


def matching(targets: Iterable[tuple[str, str]], api: Api) -> Iterator[list[str]]:
    """Matchers of a job and of instances of it, so many that a question about them is not too long."""
    most = MOST_TARGETS if api.posts else MOST_IN_ADDRESS
    jobs: dict[str, list[str]] = {}
    for job, instance in sorted(targets):
        jobs.setdefault(job, []).append(instance)
    for job, instances in jobs.items():
        for start in range(0, len(instances), most):
            some = "|".join(map(re.escape, instances[start : start + most]))
            yield [f'job="{escaped(job)}"', f'instance=~"{escaped(some)}"']


def target(labels: Mapping[str, str]) -> tuple[str, str]:
    """The scrape target that a series comes from: its job and its instance."""
    return labels.get("job", ""), labels.get("instance", "")


def _restarted(
    api: Api, settings: Settings, later: Sequence[Sample], at: float, since: float
) -> frozenset[tuple[str, str]]:
    """Targets whose counters began again within the window: by their start time, or by a fall of their tokens."""
    young = {target(s.labels) for s in later if s.name == _START and s.value > at - since}
    for name in Reader(by=(), window="", prefixes=settings.metric_prefixes).series(m.GENERATION_TOKENS):
        for labels, _ in api.vector(f"resets({name}[{math.ceil(since)}s]) > 0", at):
            young.add(target(labels))
    return frozenset(young)


def page_of(samples: Sequence[Sample]) -> Page:
    """Samples as if one page had held them."""
    return Page(list(samples), {}, (), 0, len(samples), 0, False)
