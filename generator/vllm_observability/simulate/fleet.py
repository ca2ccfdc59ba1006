"""A story's fleet in motion: servers start, meet what the story says, and are scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from vllm_observability.simulate.exposition import series_text
from vllm_observability.simulate.recorded import Trace
from vllm_observability.simulate.replay import Feed
from vllm_observability.simulate.server import Server, Setup
from vllm_observability.simulate.story import Moment, Reach, Story, changed, moments
from vllm_observability.simulate.traffic import Request
from vllm_observability.simulate.truth import Seen, seen

AGE = 6 * 3600.0  # how long the servers had been running when a story begins


@dataclass
class Replica:
    """One scrape target. `labels`: those that scraping adds."""

    labels: Mapping[str, str]
    setup: Setup
    server: Server
    reach: Reach = "up"
    scrape_seconds: float = 0.0

    def up(self, at: float) -> bool:
        """Whether a scrape gets a page."""
        return self.reach == "up" and at >= self.server.serving

    def serving(self, at: float) -> bool:
        """Whether a router would send requests there: a hung server still answers its health check."""
        return self.reach != "gone" and at >= self.server.serving


@dataclass
class _Group:
    """Replicas of a model. `feed`: its recorded requests; `rate` of an engine, `usual` number: at the start."""

    replicas: list[Replica]
    feed: Feed | None
    rate: float
    usual: int
    dice: Random


class Fleet:
    """Every replica of a story.

    start: Unix seconds of the story's beginning. recorded: for each group a trace, and seconds of it in one of the
    fleet's; without, requests are drawn. witness: is told what became of each request.
    """

    def __init__(
        self, story: Story, start: float, recorded: Sequence[tuple[Trace, float]] = (),
        witness: Callable[[Seen], None] | None = None,
    ) -> None:  # fmt: skip
        self.story, self.start, self.now = story, start, start
        self.replicas: list[Replica] = []
        self._groups: list[_Group] = []
        self._recorded, self._witness = bool(recorded), witness
        models: list[tuple[str, int]] = []
        for place, group in enumerate(story.fleet):
            setup = changed(Setup(model=group.model), group)
            members = []
            for number in range(group.replicas + group.spare):
                short = group.model.rpartition("/")[2]
                labels = {
                    "job": "vllm", "instance": f"{short}-{number}:8000", "namespace": group.namespace, "cluster": "sim",
                }  # fmt: skip
                seed = f"{story.seed}/{group.namespace}/{labels['instance']}"
                reach: Reach = "up" if number < group.replicas else "gone"
                members.append(Replica(labels, setup, self._server(setup, labels, seed, start - AGE, start), reach))
                models.append((group.model, number))
            feed = None
            if recorded:
                trace, pace = recorded[place]
                feed = Feed(trace, start, pace)
            dice = Random(f"{story.seed}/{group.namespace}/{group.model}")
            self._groups.append(_Group(members, feed, setup.traffic.rate, group.replicas, dice))
            self.replicas += members
        self._ahead = moments(story, models)
        self._starts = 0

    def _server(
        self, setup: Setup, labels: Mapping[str, str], seed: str, started: float, serving: float | None = None
    ) -> Server:
        tell = self._witness

        def left(request: Request) -> None:
            assert tell
            tell(seen(request, setup.model, labels["instance"], setup.engine_hardware))

        return Server(setup, seed, started, serving, recorded=self._recorded, witness=left if tell else None)

    def _lose(self, requests: Sequence[Request], replica: Replica, at: float | None) -> None:
        """Tell of requests that end with their server, at that time; or, without one, that are still under way."""
        if not self._witness:
            return
        for request in requests:
            if at is not None:
                request.reason, request.left = "lost", at
            setup = replica.setup
            self._witness(seen(request, setup.model, replica.labels["instance"], setup.engine_hardware))

    def close(self) -> None:
        """Tell of the requests that are still under way."""
        for replica in self.replicas:
            self._lose(replica.server.unfinished(), replica, None)

    def run(self, until: float) -> None:
        """Advance every server to a time, and let happen what the story has for it."""
        while self._ahead and self.start + self._ahead[0].at <= until:
            moment = self._ahead.pop(0)
            self._move(self.start + moment.at)
            self._happen(moment)
        self._move(until)

    def _move(self, until: float) -> None:
        if until <= self.now:
            return
        for group in self._groups:
            self._balance(group, until)
            for replica in group.replicas:
                if replica.reach != "gone":
                    replica.server.run(until)
        self.now = until

    def _balance(self, group: _Group, until: float) -> None:
        """Requests for a server that can't take any go to the others."""
        members = group.replicas
        serving = [replica for replica in members if replica.serving(self.now)]
        if group.feed:
            self._deal(group.feed, group, serving, until)
            return
        for replica in serving:
            replica.server.take_share(group.usual / len(serving))

    def _deal(self, feed: Feed, group: _Group, serving: list[Replica], until: float) -> None:
        """Each recorded request goes to the engine with the fewest, as a gateway that counts its own would send it.

        A story that changes the rate makes the recording run as much faster.
        """
        members = group.replicas
        rate = group.rate * len(members)
        factor = sum(replica.setup.traffic.rate for replica in members) / rate if rate else 1.0
        engines = [pair for replica in serving for pair in replica.server.fed]
        for arrival, asked in feed.until(until, factor):
            if not engines:
                self._lose([Request(arrival, asked.prompt, asked.output, "lost", 0)], members[0], arrival)
                continue
            for engine, _ in engines:
                engine.run(arrival)
            loads = [engine.requests + len(source.pending) for engine, source in engines]
            fewest = [n for n, load in enumerate(loads) if load == min(loads)]
            engines[fewest[int(group.dice.random() * len(fewest))]][1].deal(arrival, asked)

    def _happen(self, moment: Moment) -> None:
        replica, event = self.replicas[moment.index], moment.event
        before = replica.setup
        replica.setup = changed(before, event, moment.share)
        replica.reach = event.reach or replica.reach
        replica.scrape_seconds = event.scrape_seconds or replica.scrape_seconds
        if event.restart or not replica.setup.same_process(before):
            self._starts += 1
            seed = f"{self.story.seed}/{replica.labels['instance']}/{self._starts}"
            self._lose(replica.server.unfinished(), replica, self.now)
            replica.server = self._server(replica.setup, replica.labels, seed, self.now)
        else:
            replica.server.change(replica.setup)

    # ------------------------------------------------------------------------------------------- scraping

    def scrape(self, wanted: frozenset[str] | None = None) -> Iterator[tuple[str, float]]:
        """A scrape of every target: text and value of each sample (of some names), what Prometheus adds included."""
        for replica in self.replicas:
            if replica.reach == "gone":
                continue
            count = 0
            up = replica.up(self.now)
            if up:
                for sample in replica.server.page(replica.labels, wanted).values():
                    count += 1
                    yield sample
            own = tuple(sorted(replica.labels.items()))
            yield series_text("up", own), float(up)
            yield series_text("scrape_duration_seconds", own), replica.scrape_seconds or 0.004 + 2e-5 * count
            yield series_text("scrape_samples_scraped", own), float(count)
