"""One vLLM server: an API server with its engines, what it counts of HTTP and of its process, and its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.model import Metric, version_key
from vllm_observability.queries.promql import VLLM
from vllm_observability.simulate.cache_config import cache_config
from vllm_observability.simulate.engine import Conditions, Engine
from vllm_observability.simulate.exposition import Block, Counted, Generation, Page, Shown, blocks, default_generation
from vllm_observability.simulate.hardware import PRESETS, Hardware
from vllm_observability.simulate.ledger import Ledger
from vllm_observability.simulate.replay import Replay
from vllm_observability.simulate.traffic import Request, Traffic

_STATUS = {"error": "5xx", "rejected": "5xx", "bad": "4xx"}
_CHAT, _COMPLETIONS = "/v1/chat/completions", "/v1/completions"
_FAILED_TRANSFERS = TRANSFER_FAILURES[0]  # NIXL's, the most used connector


@dataclass(frozen=True)
class Setup:
    """How a server is started, and what it meets.

    hardware: a preset's name; engines: data-parallel engines behind one API server; weights: each engine's share of the
    traffic, 1 being an equal one. processes: of the API server. config: labels of cache_config_info that differ from a
    plain server's. max_model_len: tokens of a request at most, 0: the hardware's. slowdown: how many times as long a
    step takes, as in a slower version. stats: False is `--disable-log-stats`; loading: seconds from the start to the
    first request.
    conditions, traffic: of each engine.
    """

    model: str = "acme/chat"
    version: str = "0.33.0"
    hardware: str = "8b-datacentre"
    engines: int = 1
    processes: int = 1
    generation: Generation | None = None
    features: tuple[str, ...] = ()
    prefix: str = VLLM
    stats: bool = True
    loading: float = 60.0
    max_model_len: int = 0
    slowdown: float = 1.0
    weights: tuple[float, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def shown(self) -> Shown:
        """How its page looks."""
        return Shown(
            self.model, self.version, self.generation or default_generation(self.version), self.features,
            processes=max(self.engines, self.processes), prefix=self.prefix,
        )  # fmt: skip

    @property
    def engine_hardware(self) -> Hardware:
        """What each engine runs on, with the limits that it was started with."""
        hardware = PRESETS[self.hardware]
        return replace(hardware, max_model_len=self.max_model_len) if self.max_model_len else hardware

    def same_process(self, other: Setup) -> bool:
        """Whether one becomes the other without a restart: only what it meets differs."""
        alike = replace(other, conditions=self.conditions, traffic=self.traffic, weights=self.weights)
        return self == alike and self.conditions.caching == other.conditions.caching


class Server:
    """A running server. It is asked for its page at any time, and moved on by `run`."""

    def __init__(
        self, setup: Setup, seed: str, started: float, serving: float | None = None, *, recorded: bool = False,
        witness: Callable[[Request], None] | None = None,
    ) -> None:  # fmt: skip
        """`started` and `serving`: Unix seconds of the process's start and of its first page (the model is loaded).

        recorded: requests are dealt out to the sources in `fed`, not drawn; witness: is told of requests that leave.
        """
        self.setup, self.started, self._share = setup, started, 1.0
        self._hardware, self._witness = setup.engine_hardware, witness
        shown = setup.shown

        def bounds(metric: Metric) -> tuple[float, ...]:
            return shown.bounds(metric, self._hardware)

        self.http = Ledger(bounds)
        self.now = self.serving = started + setup.loading if serving is None else serving
        self._parsed = 0.0  # seconds that requests took before an engine got them
        counts_cached = version_key(shown.version) < (0, 24)
        self.engines: list[Engine] = []
        self.fed: list[tuple[Engine, Replay]] = []
        for number in range(setup.engines):
            dice, traffic = Random(f"{seed}/{number}"), self._traffic(number)
            source = Replay(traffic, self._hardware.max_model_len, dice) if recorded else None
            self.engines.append(
                Engine(
                    self._hardware, traffic, Ledger(bounds), dice, self.now, self._answered,
                    counts_cached=counts_cached, source=source, slowdown=setup.slowdown,
                )
            )  # fmt: skip
            if source:
                self.fed.append((self.engines[-1], source))
        for engine in self.engines:
            engine.ledger.cell(m.ENGINE_SLEEP_STATE, sleep_state="awake").value = 1.0
            engine.change(setup.conditions, engine.source.traffic)
        self._process()
        self._pages: dict[tuple[object, frozenset[str] | None], tuple[int, Page]] = {}

    def take_share(self, factor: float) -> None:
        """Get so many times the traffic of the setup: others are away."""
        if factor != self._share:
            self._share = factor
            self.change(self.setup)

    def _traffic(self, number: int) -> Traffic:
        traffic, weights = self.setup.traffic, self.setup.weights
        share = self._share * (weights[number] if number < len(weights) else 1.0) / self.setup.engines
        clients = round(traffic.clients * share)
        return replace(traffic, rate=traffic.rate * share, clients=clients)

    def change(self, setup: Setup) -> None:
        """Other conditions or traffic, without a restart."""
        assert self.setup.same_process(setup), "this needs a restart"
        self.setup = setup
        for number, engine in enumerate(self.engines):
            engine.change(setup.conditions, self._traffic(number))

    def run(self, until: float) -> None:
        """Advance to a time in Unix seconds."""
        if until <= self.now:
            return
        for engine in self.engines:
            engine.run(until)
        failures = self.setup.conditions.kv_failures
        if failures and _FAILED_TRANSFERS.condition in self.setup.features:
            self.engines[0].ledger.cell(_FAILED_TRANSFERS).value += failures * (until - self.now)
        self._spend(until - self.now)
        self.now = until

    def unfinished(self) -> list[Request]:
        """Requests that have come and not left, or come next; the server's end would be theirs too."""
        ahead = [request for _, source in self.fed for request in source.pending]
        return [request for engine in self.engines for request in engine.unfinished()] + ahead

    # ------------------------------------------------------------------------------------ what it counts

    def _answered(self, request: Request, now: float) -> None:
        """A request has left: its HTTP answer is counted, unless nobody waited for it any more."""
        request.left = now
        if self._witness:
            self._witness(request)
        http = self.http
        if request.reason == "rejected":
            http.cell(m.ADMISSION_REJECTIONS, reason="max_num_queued_reqs").value += 1
        status = _STATUS.get(request.reason, "2xx")
        handler = _COMPLETIONS if request.prompt % 5 == 0 else _CHAT
        http.cell(m.HTTP_REQUESTS, handler=handler, method="POST", status=status).value += 1
        seconds = max(0.002, now - request.arrival)
        http.histogram(m.HTTP_DURATION, handler=handler, method="POST").observe(seconds)
        http.histogram(m.HTTP_DURATION_FINE).observe(seconds)
        http.histogram(m.HTTP_REQUEST_SIZE, handler=handler).observe(180 + 4 * request.prompt)
        http.histogram(m.HTTP_RESPONSE_SIZE, handler=handler).observe(0 if request.produced > 1 else 420)

    def _process(self) -> None:
        """A fresh process: what prometheus_client's collectors say of it."""
        cell = self.http.cell
        cell(m.PYTHON_INFO, implementation="CPython", major="3", minor="12", patchlevel="3", version="3.12.3").value = 1
        for generation, collections in zip("012", (1974, 179, 11), strict=True):
            cell(m.GC_COLLECTIONS, generation=generation).value = collections
            cell(m.GC_COLLECTED, generation=generation).value = 8 * collections
            cell(m.GC_UNCOLLECTABLE, generation=generation)
        cell(m.PROCESS_START_TIME).value = self.started
        cell(m.PROCESS_RESIDENT_MEMORY).value = self._hardware.resident_bytes
        cell(m.PROCESS_VIRTUAL_MEMORY).value = 9.3 * self._hardware.resident_bytes
        cell(m.PROCESS_OPEN_FDS).value = 48
        cell(m.PROCESS_MAX_FDS).value = 65_536
        cell(m.PROCESS_CPU).value = 14.0

    def _spend(self, seconds: float) -> None:
        cell = self.http.cell
        running = sum(engine.running for engine in self.engines)
        parsing = sum(engine.front_seconds for engine in self.engines)
        cell(m.PROCESS_CPU).value += seconds * min(0.9, 0.01 + 0.004 * running) + parsing - self._parsed
        self._parsed = parsing
        cell(m.GC_COLLECTIONS, generation="0").value += int(seconds * 0.2)
        cell(m.PROCESS_OPEN_FDS).value = 48 + running

    # ----------------------------------------------------------------------------------------- its page

    def page(self, target: Mapping[str, str] | None = None, wanted: frozenset[str] | None = None) -> Page:
        """Its page; laid out again only when something was counted for the first time."""
        kind = (None if target is None else tuple(target.items()), wanted)
        if kind not in self._pages or self._pages[kind][0] != self._shape():
            page = Page(self.blocks(), target, wanted)
            self._pages[kind] = (self._shape(), page)  # laying out makes a cell for whatever was never counted
        return self._pages[kind][1]

    def _shape(self) -> int:
        return self.http.shape + sum(engine.ledger.shape for engine in self.engines)

    def blocks(self) -> list[Block]:
        """Every family of its page."""
        caching = {"enable_prefix_caching": str(self.setup.conditions.caching)}
        config = {**cache_config(self.setup.version, self._hardware), **caching, **self.setup.config}
        counted = [Counted(engine.ledger, config) for engine in self.engines]
        found = list(blocks(self.setup.shown, counted, self.http, self.started))
        return found if self.setup.stats else [block for block in found if not block.name.startswith(self.setup.prefix)]
