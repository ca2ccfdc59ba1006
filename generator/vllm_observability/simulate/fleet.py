"""A story's fleet in motion: servers start, meet what the story says, and are scraped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vllm_observability.simulate.exposition import series_text
from vllm_observability.simulate.server import Server, Setup
from vllm_observability.simulate.story import Moment, Reach, Story, changed, moments

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


class Fleet:
    """Every replica of a story. `start`: Unix seconds of the story's beginning."""

    def __init__(self, story: Story, start: float) -> None:
        self.story, self.start, self.now = story, start, start
        self.replicas: list[Replica] = []
        self._groups: list[list[Replica]] = []
        models: list[tuple[str, int]] = []
        for group in story.fleet:
            setup = changed(Setup(model=group.model), group)
            members = []
            for number in range(group.replicas):
                short = group.model.rpartition("/")[2]
                labels = {
                    "job": "vllm", "instance": f"{short}-{number}:8000", "namespace": group.namespace, "cluster": "sim",
                }  # fmt: skip
                seed = f"{story.seed}/{group.namespace}/{labels['instance']}"
                members.append(Replica(labels, setup, Server(setup, seed, start - AGE, serving=start)))
                models.append((group.model, number))
            self._groups.append(members)
            self.replicas += members
        self._ahead = moments(story, models)
        self._starts = 0

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
        for members in self._groups:
            self._balance(members)
            for replica in members:
                if replica.reach != "gone":
                    replica.server.run(until)
        self.now = until

    def _balance(self, members: list[Replica]) -> None:
        """Requests for a server that can't take any go to the others."""
        serving = [replica for replica in members if replica.serving(self.now)]
        for replica in serving:
            replica.server.take_share(len(members) / len(serving))

    def _happen(self, moment: Moment) -> None:
        replica, event = self.replicas[moment.index], moment.event
        before = replica.setup
        replica.setup = changed(before, event, moment.share)
        replica.reach = event.reach or replica.reach
        replica.scrape_seconds = event.scrape_seconds or replica.scrape_seconds
        if event.restart or not replica.setup.same_process(before):
            self._starts += 1
            seed = f"{self.story.seed}/{replica.labels['instance']}/{self._starts}"
            replica.server = Server(replica.setup, seed, self.now)
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
