"""A Prometheus -> two pages of what its vLLM servers showed, now and some time ago; only its HTTP API is asked.

Two instants, not a `rate`: counts then are whole, and the same code judges them as judges two pages. A server that
restarted in between counts from its restart on, as if it had started then.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from vllm_observability.catalog import metrics as m
from vllm_observability.evaluate import Window
from vllm_observability.fetch import Fetched, FetchError, fetch
from vllm_observability.model import Owner
from vllm_observability.promql import Reader
from vllm_observability.redact import Redaction
from vllm_observability.report import Source
from vllm_observability.scrape import Page, Sample
from vllm_observability.settings import Settings
from vllm_observability.snapshot import snapshot
from vllm_observability.sources import Access, SourceError

# Series of the API server and its process carry no model; they are taken from the targets that have one.
TARGET = ("job", "instance")
MOST_TARGETS = 500  # in one regular expression


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
    matchers = [f'model_name=~"{escaped(question.model)}"'] if question.model else []
    matchers += [question.selector] if question.selector else []
    later = samples_at(api, settings, matchers, at)
    if not later:
        raise SourceError(f"{api.name}: {_nothing(settings, matchers)}")
    earlier = samples_at(api, settings, matchers, at - question.since)
    young = _restarted(api, settings, later, at, question.since)
    kept = [sample for sample in earlier if _target(sample) not in young]
    pages = [page_of(samples) for samples in (later, kept)]
    if redaction:
        pages = [redaction.page(page) for page in pages]
    now, before = (snapshot(page) for page in pages)
    name = redaction.word("page", api.name) if redaction else api.name
    span = question.since if kept else None
    return Window(now, before if kept else None, span), Source("prometheus", name, at=at)


def _nothing(settings: Settings, matchers: Sequence[str]) -> str:
    prefixes = " or ".join(settings.metric_prefixes)
    if not matchers:
        return f"it holds no series that begins with {prefixes}. Is a vLLM server scraped, and is the prefix right?"
    selected = ", ".join(matchers)
    return f"no series of {prefixes} has {selected}. Without a model and a selector: is there anything at all?"


# --------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True)
class Api:
    """The query API of one server."""

    url: str
    access: Access
    most: int

    @property
    def name(self) -> str:
        """The address without what may be secret in it."""
        return re.sub(r"//[^/@]*@", "//", self.url.partition("?")[0])

    def now(self) -> float:
        """The server's own time: its clock, not ours, says what is recent."""
        return float(self.ask("time()", None)["result"][0])

    def vector(self, query: str, at: float) -> list[tuple[Mapping[str, str], float]]:
        """Rows of an instant query."""
        data = self.ask(query, at)
        return [(row["metric"], float(row["value"][1])) for row in data["result"]]

    def ask(self, query: str, at: float | None) -> Any:
        """The data of an answer."""
        form = {"query": query} if at is None else {"query": query, "time": f"{at:.3f}"}
        found = self._get(f"{self.url}/api/v1/query?{urlencode(form)}")
        try:
            answer = json.loads(found.raw)
            if answer["status"] == "success":
                return answer["data"]
            problem = str(answer.get("error", "no reason given"))
        except (ValueError, KeyError, TypeError):
            problem = "the answer is not that of a Prometheus"
        raise SourceError(f"{self.name}: {problem[:300]}. Give the address that ends before /api/v1.")

    def _get(self, url: str) -> Fetched:
        try:
            return fetch(
                url,
                headers=self.access.headers,
                bearer_token_file=self.access.bearer_token_file,
                ca_file=self.access.ca_file,
                timeout=self.access.timeout,
                max_bytes=self.most,
            )
        except FetchError as error:
            if re.search(r"answered (400|422)", str(error)):
                raise QueryRefused(f"{self.name} refuses the query: look at --model and --selector") from None
            raise SourceError(str(error)) from None


class QueryRefused(SourceError):
    """The server is there and answers, but not this question."""


def samples_at(api: Api, settings: Settings, matchers: Sequence[str], at: float) -> list[Sample]:
    """Every series of the engines, then those of their servers."""
    engines = _Family(
        "|".join(re.escape(prefix) + ".+" for prefix in settings.metric_prefixes),
        tuple(_series(Owner.ENGINE, settings)),
    )
    chosen = list(_read(api, engines, matchers, at))
    targets = {_target(sample) for sample in chosen}
    if not targets:
        return []
    names = (*_series(Owner.SERVER, settings), *_series(Owner.PROCESS, settings))
    foreign = _Family("|".join(names), names)
    for job, instances in _by_job(targets):
        of_target = [f'job="{escaped(job)}"', f'instance=~"{escaped("|".join(map(re.escape, instances)))}"']
        chosen += _read(api, foreign, of_target, at)
        if matchers:  # some series of an engine have no model; of those, what belongs to a chosen target
            chosen += _read(api, engines, ['model_name=""', *of_target], at)
    return chosen


@dataclass(frozen=True)
class _Family:
    """Names to ask for: as one pattern, and each by itself where a server takes no pattern (Google's does not)."""

    pattern: str
    names: tuple[str, ...]


def _series(owner: Owner, settings: Settings) -> Iterator[str]:
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes)
    for metric in (metric for metric in m.ALL if metric.owner is owner):
        for part in metric.parts:
            yield from reader.series(metric, part)


def _read(api: Api, family: _Family, matchers: Sequence[str], at: float) -> Iterator[Sample]:
    try:
        rows = api.vector("{" + ",".join((f'__name__=~"{escaped(family.pattern)}"', *matchers)) + "}", at)
    except QueryRefused:
        selected = "{" + ",".join(matchers) + "}"
        rows = [row for name in family.names for row in api.vector(name + selected, at)]
    for labels, value in rows:
        own = dict(labels)
        yield Sample(own.pop("__name__", ""), own, value, None)


def _by_job(targets: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    jobs: dict[str, list[str]] = {}
    for job, instance in sorted(targets):
        jobs.setdefault(job, []).append(instance)
    for job, instances in jobs.items():
        for start in range(0, len(instances), MOST_TARGETS):
            yield job, instances[start : start + MOST_TARGETS]


def _target(sample: Sample) -> tuple[str, str]:
    return sample.labels.get("job", ""), sample.labels.get("instance", "")


def _restarted(
    api: Api, settings: Settings, later: Sequence[Sample], at: float, since: float
) -> frozenset[tuple[str, str]]:
    """Targets whose counters began again within the window: by their start time, or by a fall of their tokens."""
    start = m.PROCESS_START_TIME.names[0].text
    young = {_target(s) for s in later if s.name == start and s.value > at - since}
    for name in Reader(by=(), window="", prefixes=settings.metric_prefixes).series(m.GENERATION_TOKENS):
        for labels, _ in api.vector(f"resets({name}[{math.ceil(since)}s]) > 0", at):
            young.add((labels.get("job", ""), labels.get("instance", "")))
    return frozenset(young)


def page_of(samples: Sequence[Sample]) -> Page:
    """Samples as if one page had held them."""
    return Page(list(samples), {}, (), 0, len(samples), 0, False)


def escaped(text: str) -> str:
    """Text inside the quotes of PromQL."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
