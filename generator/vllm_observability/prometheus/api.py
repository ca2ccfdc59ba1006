"""The query API of a Prometheus, or of anything that answers like one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from vllm_observability.pages.fetch import API, Fetched, FetchError, fetch
from vllm_observability.pages.scrape import printable
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus.answers import Answer, Histogram, NoAnswer, Refusal, Value, read_answer, read_json
from vllm_observability.prometheus.answers import reason as reason_in

# All questions to one server together may take so many times the time of one: 120 s by default.
WHOLE = 12
# A proxy or a policy that lets only reading pass refuses POST in one of these ways.
NO_POST = frozenset((403, 404, 405, 411, 415, 501))
TOO_MANY = 429
_PATIENCE = 5.0  # seconds that a server may ask to wait before the same question
_TRIES = 3
_QUOTED = 300  # characters of a server's own words
LAST_DATE = 253_402_300_800.0  # the end of the year 9999

Read = TypeVar("Read")


class QueryRefused(SourceError):
    """The server is there and answers, but not this question."""


class Unanswered(SourceError):
    """The server gave no answer in time, to this question or to all of them."""


@dataclass
class _Talk:
    """What was learnt of a server: whether it takes POST, what it remarked, which series are native histograms."""

    begun: float = field(default_factory=time.monotonic)
    posts: bool = True
    notes: dict[str, None] = field(default_factory=dict)
    histograms: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Api:
    """The query API of one server. `most`: bytes of one answer. May be asked from several threads."""

    url: str
    access: Access
    most: int
    talk: _Talk = field(default_factory=_Talk, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The address without what may be secret in it."""
        return printable(re.sub(r"//[^/@]*@", "//", self.url.partition("?")[0]), 200)

    @property
    def posts(self) -> bool:
        """Whether questions may be long: they are posted, not written into an address."""
        return self.talk.posts

    @property
    def remarks(self) -> tuple[str, ...]:
        """Warnings and remarks of the server so far, each once; safe to print."""
        return tuple(printable(note, _QUOTED) for note in tuple(self.talk.notes))

    @property
    def native(self) -> tuple[str, ...]:
        """Names of the metrics that came as native histograms where numbers were asked for; raw."""
        return tuple(sorted(self.talk.histograms.copy()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who reads the answers should know of them; safe to print."""
        if not self.native:
            return self.remarks
        names = ", ".join(printable(name, 80) for name in self.native[:3]) + (", …" if len(self.native) > 3 else "")
        return (
            *self.remarks,
            f"{len(self.native)} metrics are native histograms where numbers were asked for: {names}; what is made of "
            "them is missing",
        )

    def now(self) -> float:
        """The server's own time in Unix seconds: its clock, not ours, says what is recent."""
        answer = self.ask("time()", None)  # a scalar; VictoriaMetrics gives a vector
        values = [value for row in answer.rows for _, value in row.points]
        if len(values) != 1 or isinstance(values[0], Histogram) or not 0 < values[0] < LAST_DATE:
            raise self.error("its answer to time() is no time. Is it a Prometheus?")
        return values[0]

    def vector(self, query: str, at: float) -> list[tuple[Mapping[str, str], float]]:
        """Rows of an instant query that are numbers; native histograms are left out, and named in `notes`."""
        rows: list[tuple[Mapping[str, str], float]] = []
        for labels, value in self.values(query, at):
            if isinstance(value, Histogram):
                self.talk.histograms[labels.get("__name__", "without a name")] = None
            else:
                rows.append((labels, value))
        return rows

    def values(self, query: str, at: float) -> list[tuple[Mapping[str, str], Value]]:
        """Rows of an instant query, numbers and native histograms; a scalar is one row without labels."""
        answer = self.ask(query, at)
        if answer.kind not in ("vector", "scalar"):
            raise self.error(f"it answers with a {answer.kind} where a vector was asked for")
        return [(row.labels, value) for row in answer.rows for _, value in row.points]

    def matrix(self, query: str, start: float, end: float, step: float) -> Answer:
        """The series of a range query, in Unix seconds."""
        form = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        answer = self._read("/api/v1/query_range", form, read_answer)
        if answer.kind != "matrix":
            raise self.error(f"it answers with a {answer.kind} where a matrix was asked for")
        self.talk.notes.update(dict.fromkeys(answer.notes))
        return answer

    def ask(self, query: str, at: float | None) -> Answer:
        """The answer to an instant query, `at` in Unix seconds; raises SourceError with one sentence."""
        form = {"query": query} if at is None else {"query": query, "time": f"{at:.3f}"}
        answer = self._read("/api/v1/query", form, read_answer)
        self.talk.notes.update(dict.fromkeys(answer.notes))
        return answer

    def get(self, path: str) -> Any:
        """The `data` of another endpoint, as it came: JSON of any shape; raises SourceError where it has none."""
        return self._read(path, None, read_json).get("data")

    # ------------------------------------------------------------------------------------------ asking

    def _read(self, path: str, form: Mapping[str, str] | None, read: Callable[[bytes], Read]) -> Read:
        found = self._sent(f"{self.url}{path}", form)
        try:
            return read(found.raw)
        except Refusal as refusal:
            said = printable(refusal.said, _QUOTED)
            raise self.error(f"{said}. Give the address that ends before /api/v1.", said) from None
        except NoAnswer as none:
            raise self.error(f"{none}. Give the address that ends before /api/v1.") from None

    def _sent(self, url: str, form: Mapping[str, str] | None) -> Fetched:
        """Posted where that is taken, since proxies limit how long an address may be; else by GET."""
        if form is None:
            return self._patient(url, None)
        address = f"{url}?{urlencode(form)}"
        if not self.talk.posts:
            return self._patient(address, None)
        try:
            return self._patient(url, form)
        except _Refused as refused:
            if refused.error.status not in NO_POST:
                raise refused.told from None
        found = self._patient(address, None)
        self.talk.posts = False
        return found

    def _patient(self, url: str, form: Mapping[str, str] | None) -> Fetched:
        """Asked again where the server says that it is asked too much and that a little time helps."""
        for attempt in range(_TRIES):
            try:
                return self._fetch(url, form)
            except FetchError as error:
                wait = _seconds(error.wait)
                if error.status == TOO_MANY and attempt < _TRIES - 1 and wait <= min(_PATIENCE, self._left()):
                    time.sleep(wait)
                    continue
                told = self._told(error)
                raise (_Refused(error, told) if form is not None else told) from None
        raise AssertionError("the last attempt returns or raises")

    def _left(self) -> float:
        return self.talk.begun + WHOLE * self.access.timeout - time.monotonic()

    def _fetch(self, url: str, form: Mapping[str, str] | None) -> Fetched:
        left = self._left()
        if left <= 0:
            raise self.error(
                f"not all questions were answered within {WHOLE * self.access.timeout:g} s; allow more with --timeout",
                kind=Unanswered,
            )
        return fetch(
            url,
            headers=self.access.headers,
            bearer_token_file=self.access.bearer_token_file,
            ca_file=self.access.ca_file,
            timeout=min(self.access.timeout, left),
            max_bytes=self.most,
            accept=API,
            form=None if form is None else tuple(form.items()),
        )

    # ------------------------------------------------------------------------------------------ what went wrong

    def error(
        self, text: str, said: str = "", names: tuple[str, ...] = (), kind: type[SourceError] = SourceError
    ) -> SourceError:
        """The sentence that `text` is about this server; `said` in it are the server's words or the user's choices."""
        return kind(f"{self.name}: {text}", names=(self.name, _host(self.url), *names), quotes=(said,))

    def _told(self, error: FetchError) -> SourceError:
        """The sentence for an answer that refuses: the server's own reason, and what to do about it."""
        said = printable(" ".join(reason_in(error.body).split()), _QUOTED)
        why = f" ({said})" if said else ""
        status = error.status
        if status in (400, 422):
            return self.error(f"refuses the query: look at --model and --selector{why}", said, kind=QueryRefused)
        if status == 404:
            return self.error(
                "there is no Prometheus API. Give the address that ends before /api/v1; a page of /metrics is read "
                "without --prometheus."
            )
        if status in (414, 431):
            return self.error(
                "a proxy in between takes no question that long, and refused POST; ask the server itself, or fewer "
                "servers with --selector",
                kind=QueryRefused,  # name by name, each is shorter
            )
        if status == TOO_MANY:
            return self.error(f"it limits how much is asked{why}; try again later, or ask for less", said)
        text = f"{error}{why}{_hint(status, said)}"
        kind = Unanswered if status in (503, 504) or "no whole answer" in text else SourceError
        return kind(text, names=(self.name, *error.names), quotes=(said,))


class _Refused(Exception):
    """POST was refused; GET may not be."""

    def __init__(self, error: FetchError, told: SourceError) -> None:
        super().__init__(str(told))
        self.error = error
        self.told = told


def _hint(status: int | None, said: str) -> str:
    """What the refusals of Mimir, Cortex, Thanos and Amazon want."""
    if "org id" in said.lower() or "tenant" in said.lower():
        return "; name the tenant with --header 'X-Scope-OrgID: NAME'"
    if status == 403 and re.search(r"Missing Authentication Token|signature|SigV4|security token", said):
        return "; Amazon takes signed requests only: ask through a signing proxy (aws-sigv4-proxy)"
    return ""


def _seconds(wait: str) -> float:
    """Of a Retry-After header in seconds; one second where there is none, a date is too long."""
    if not wait.strip():
        return 1.0
    return float(wait) if re.fullmatch(r"[0-9]{1,4}", wait.strip()) else _PATIENCE + 1


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
