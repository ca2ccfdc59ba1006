"""Recorded requests: the three forms, who gets them, the prefix cache over their blocks, pages as files, the truth."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
from collections import Counter, OrderedDict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from harness.programs import ROOT
from vllm_observability.catalog import metrics as m
from vllm_observability.command.cli import main
from vllm_observability.simulate.block_cache import BlockCache
from vllm_observability.simulate.engine import Engine
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.hardware import PRESETS
from vllm_observability.simulate.ledger import Ledger
from vllm_observability.simulate.recorded import Asked, Trace, TraceError, read, read_all
from vllm_observability.simulate.replay import Feed, Replay
from vllm_observability.simulate.show import Plain, replay
from vllm_observability.simulate.traffic import Request, Traffic
from vllm_observability.simulate.truth import Seen, seen

START = 1.8e9
SIMPLE = PRESETS["8b-datacentre"]
CHAT = Plain(2, 1, 1.0, "8b-datacentre", "0.33.0")


def _made(seed: int = 5, count: int = 400, gap: float = 0.5) -> Trace:
    """A trace of the project's form: conversations whose prompts grow, 512 tokens a block."""
    dice = Random(seed)
    at, requests, turns = 0.0, [], [0] * 20
    for _ in range(count):
        at += dice.expovariate(1 / gap)
        talk = int(dice.random() * 20)
        turns[talk] += 1
        blocks = min(turns[talk], 12)
        chain = tuple(talk * 100 + n for n in range(blocks))
        requests.append(Asked(round(at, 3), blocks * 512 + 100, 1 + int(dice.random() * 80), chain))
    return Trace("made", tuple(requests), 2000)


def _written(trace: Trace, path: Path) -> Path:
    lines = ["seconds,prompt_tokens,output_tokens,blocks"]
    lines += [f"{a.seconds},{a.prompt},{a.output},{' '.join(map(str, a.chain))}" for a in trace.requests]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["simulate", *map(str, arguments)])


# -------------------------------------------------------------------------------------------------- forms

OWN = "seconds,prompt_tokens,output_tokens\n0.5,300,20\n2.25,40,1\n"
AZURE_2023 = (
    "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
    "2023-11-16 18:15:46.6805900,300,20\r\n2023-11-16 18:15:48.4305900,40,1\r\n"
)
AZURE_2024 = (
    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    "2024-05-10 00:00:00.009930+00:00,300,20\n2024-05-10 01:00:01.759930+01:00,40,1\n"
)
MOONCAKE = (
    '{"timestamp": 27000, "input_length": 1100, "output_length": 20, "hash_ids": [46, 47, 48]}\n'
    '{"timestamp": 28750, "input_length": 1600, "output_length": 1, "hash_ids": [46, 47, 9, 10]}\n'
)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", OWN, [(0.5, 300, 20, ()), (2.25, 40, 1, ())]),
        ("a.csv", AZURE_2023, [(0.0, 300, 20, ()), (1.75, 40, 1, ())]),
        ("a.csv", AZURE_2024, [(0.0, 300, 20, ()), (1.75, 40, 1, ())]),
        ("a.jsonl", MOONCAKE, [(0.0, 1100, 20, (0, 1)), (1.75, 1600, 1, (0, 1, 2))]),
        ("a.csv", "seconds,prompt_tokens,output_tokens,blocks\n1,1024,3,7 8\n2,1024,3,8 7\n3,1500,3,7 8 9\n",
            [(1.0, 1024, 3, (0, 1)), (2.0, 1024, 3, (2, 3)), (3.0, 1500, 3, (0, 1))]),
        ("a.csv", "seconds,prompt_tokens,output_tokens\n3,10,0\n1,20,5\n", [(1.0, 20, 5, ()), (3.0, 10, 1, ())]),
    ],
    ids=["own", "azure-2023", "azure-2024", "mooncake", "blocks-are-prefixes", "out-of-order"],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_each_form_is_read(
    tmp_path: Path, name: str, text: str, expected: list[tuple[object, ...]], packed: bool
) -> None:
    """Plain and gzipped. A block's number depends on all blocks before it; a block that is not full has none."""
    path = tmp_path / (name + ".gz" * packed)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    found = read(path)
    assert "a" == found.name
    assert expected == [tuple(asked) for asked in found.requests]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.csv is empty"),
        ("a,b,c\n1,2,3\n", "bad.csv, line 1: this is no trace"),
        ("seconds,prompt_tokens,output_tokens\n", "bad.csv has no requests"),
        ("seconds,prompt_tokens,output_tokens\n1,2\n", "line 2: 2 values where the first line names 3"),
        ("seconds,prompt_tokens,output_tokens\n0,5,5\nsoon,5,5\n", "line 3: 'soon' is no number of seconds"),
        ("seconds,prompt_tokens,output_tokens\nnan,5,5\n", "line 2: the time is not a number of seconds from 0 on"),
        ("seconds,prompt_tokens,output_tokens\n-1,5,5\n", "line 2: the time is not a number of seconds from 0 on"),
        ("seconds,prompt_tokens,output_tokens\n1,-5,5\n", "line 2: '-5' is no whole number of tokens"),
        ("seconds,prompt_tokens,output_tokens\n1,5.5,5\n", "line 2: '5.5' is no whole number of tokens"),
        ("TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,5,5\n", "line 2: 'yesterday' is no date"),
        ("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-13-40 00:00:00,5,5\n", "line 2: "),
        ('{"timestamp": 1, "input_length": 5}\n', "line 1: it has no output_length"),
        ('{"timestamp": 1, "input_length": 5, "output_length": 5}\n{oops\n', "line 2: no JSON object"),
        ('{"timestamp": "1", "input_length": 5, "output_length": 5}\n', "timestamp is not a number"),
        ('{"timestamp": 1, "input_length": "x", "output_length": 5}\n', "a length is not a whole number"),
        ('{"timestamp": 1, "input_length": 5, "output_length": 5, "hash_ids": 3}\n', "hash_ids is not a list"),
    ],
)
def test_a_trace_that_cannot_be_read_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    """With the file's name and the line; exit 2, nothing written."""
    path = tmp_path / "bad.csv"
    path.write_text(text)
    done = _run("--trace", path, "--pages", tmp_path / "pages")
    assert 2 == done.exit_code
    assert said in done.stderr
    assert 1 == len(done.stderr.strip().splitlines())
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize("raw", [b"\x1f\x8b\x08\x00broken", b"seconds,\xff\xfe\n"])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, raw: bytes) -> None:
    """Gzip that ends early, bytes that are no text."""
    (tmp_path / "bad.csv").write_bytes(raw)
    with pytest.raises(TraceError, match=r"bad\.csv is"):
        read(tmp_path / "bad.csv")


def test_of_a_folder_every_trace_is_read(tmp_path: Path) -> None:
    """By name; what has another ending is none."""
    (tmp_path / "README.md").write_text("no trace")
    for name in ("b.csv", "a.jsonl"):
        (tmp_path / name).write_text(OWN if name == "b.csv" else MOONCAKE)
    assert ["a", "b"] == [trace.name for trace in read_all(tmp_path)]
    with pytest.raises(TraceError, match="has no traces"):
        read_all(tmp_path / "..")


# --------------------------------------------------------------------------------------------------- feed


def test_every_request_comes_at_its_time() -> None:
    """As recorded; at twice the pace in half the time; in the next round with other blocks."""
    trace = Trace("t", (Asked(1.0, 600, 5, (0,)), Asked(3.0, 600, 6, (0,))), 1)
    assert 6.0 == trace.seconds
    for pace, expected in ((1.0, [101.0, 103.0, 107.0, 109.0]), (2.0, [100.5, 101.5, 103.5, 104.5])):
        feed = Feed(trace, 100.0, pace)
        found = [each for until in (100.7, 104.0, 112.0 if pace == 1 else 106.0) for each in feed.until(until)]
        assert pytest.approx(expected) == [arrival for arrival, _ in found]
        assert [(5, (0,)), (6, (0,)), (5, (1,)), (6, (1,))] == [(asked.output, asked.chain) for _, asked in found]


def test_requests_of_one_tick_are_spread_over_it(tmp_path: Path) -> None:
    """A clock of three seconds: four requests of one of its ticks did not come at once; nor is a pause filled."""
    rows = ["0,10,1", "3,10,1", "3,10,1", "3,10,1", "3,10,1", "60,10,1", "60,10,1"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["seconds,prompt_tokens,output_tokens", *rows]))
    assert [0, 3, 3.75, 4.5, 5.25, 60, 61.5] == [asked.seconds for asked in read(path).requests]
    path.write_text("\n".join(["seconds,prompt_tokens,output_tokens", "5,10,1", "5,10,1"]))
    assert [5, 5] == [asked.seconds for asked in read(path).requests]  # nothing tells how its clock ticks


def test_a_request_goes_to_the_engine_with_the_fewest() -> None:
    """Four at a time, all alike, on four engines: one each, whatever the seed; nobody waits for another."""
    trace = Trace("t", tuple(Asked(10.0 * (n // 4), 4000, 50) for n in range(80)))
    for seed in (1, 2):
        found: list[Seen] = []
        play = replay([trace], Plain(4, 1, trace.rate / 4, "8b-datacentre", "0.33.0"), as_recorded=False)
        fleet = Fleet(replace(play.story, seed=seed), 0.0, play.recorded, found.append)
        fleet.run(trace.seconds - 0.1)
        counts = Counter(one.instance for one in found)
        assert 4 == len(counts)
        assert {20} == set(counts.values())


def test_a_prompt_that_leaves_no_room_is_refused_and_a_long_answer_is_cut() -> None:
    """A context of 1,000 tokens."""
    source = Replay(Traffic(), 1000, Random(1))
    for arrival, (prompt, output) in enumerate([(1000, 5), (990, 50), (10, 20)]):
        source.deal(float(arrival), Asked(arrival, prompt, output))
    taken = [source.take() for _ in range(3)]
    assert [("bad", 1), ("length", 10), ("stop", 20)] == [(request.reason, request.output) for request in taken]


# ------------------------------------------------------------------------------------------- prefix cache


class _Reference:
    """A prefix cache the slow way: a list of whole prefixes, least recently released first."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.kept: OrderedDict[tuple[int, ...], None] = OrderedDict()

    def ask(self, ids: tuple[int, ...], limit: int) -> int:
        hits = 0
        while hits < limit and ids[: hits + 1] in self.kept:
            hits += 1
        for n in range(len(ids), 0, -1):  # the last block is given back first
            self.kept.pop(ids[:n], None)
            self.kept[ids[:n]] = None
        while len(self.kept) > self.room:
            self.kept.popitem(last=False)
        return hits


@pytest.mark.parametrize("room", [20, 60, 400])
def test_hits_are_those_of_a_plain_list_of_prefixes(room: int) -> None:
    """One request after the other on a pool of `room` blocks of 512 tokens: eviction, leaf first, and all."""
    dice, reference, lines, expected = Random(room), _Reference(room), [], 0
    talks: list[list[int]] = [[n] for n in range(12)]
    for number in range(600):
        ids = talks[int(dice.random() * len(talks))]
        ids = ids if len(ids) < 10 else ids[:1]
        ids += [1000 + number] * (dice.random() < 0.6)
        prompt = len(ids) * 512 + 1 + int(dice.random() * 500)
        lines.append((prompt, tuple(ids)))
        expected += 512 * reference.ask(tuple(ids), (prompt - 1) // 512)
    path_ids = {}

    def chain(ids: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(path_ids.setdefault(ids[: n + 1], len(path_ids)) for n in range(len(ids)))

    cache = BlockCache(room * 32 + 1, 16)
    hits = 0
    for prompt, ids in lines:
        nodes = chain(ids)
        found = cache.found(nodes, prompt - 1)
        hits += 512 * len(found)
        cache.hold_nodes(found)
        cache.take(32 * (len(ids) - len(found)))
        new = cache.add(nodes[len(found) :])
        assert len(ids) == len(found) + len(new)
        cache.let_go(-1, cache.private)
        cache.let_go_nodes([*found, *new])
        assert (0, cache.blocks) == (cache.used, cache.free)
    assert expected == hits > 0


def _alone(requests: list[Asked], hardware: str = "8b-datacentre") -> Engine:
    """An engine that gets requests so far apart that each is alone."""
    ledger = Ledger(lambda metric: (1.0,) if metric.buckets else ())
    source = Replay(Traffic(bad=0, aborts=0), 16_384, Random(1))
    engine = Engine(PRESETS[hardware], source.traffic, ledger, Random(1), 0.0, lambda *_: None, source=source)
    for number, asked in enumerate(requests):
        source.deal(60.0 * number, asked)
    engine.run(60.0 * len(requests))
    return engine


def test_hits_spare_prefill_and_show_on_the_page() -> None:
    """8,192 tokens twice: the second time 7,680 are cached, because the last token is always computed."""
    engine = _alone([Asked(0, 8192, 10, tuple(range(16)))] * 2)
    assert (16_384, 7680) == (engine.ledger.total(m.PREFIX_CACHE_QUERIES), engine.ledger.total(m.PREFIX_CACHE_HITS))
    computed = engine.ledger.histogram(m.REQUEST_PREFILL_COMPUTED_TOKENS)
    assert 8192 + 512 == computed.sum
    fresh = _alone([Asked(0, 8192, 10, tuple(range(16))), Asked(0, 8192, 10, tuple(range(16, 32)))])
    assert 0 == fresh.ledger.total(m.PREFIX_CACHE_HITS)
    assert engine.ledger.histogram(m.PREFILL_TIME).sum < 0.7 * fresh.ledger.histogram(m.PREFILL_TIME).sum


def test_blocks_are_never_lost_on_recorded_traffic() -> None:
    """More than a small pool holds: preemptions, evictions, and in the end nothing is in use."""
    trace = _made(count=300, gap=0.02)
    small = replace(SIMPLE, blocks=900, max_model_len=8000)
    ledger = Ledger(lambda metric: (1.0,) if metric.buckets else ())
    source, gone = Replay(Traffic(patience=1e9), 8000, Random(1)), list[Request]()
    engine = Engine(
        small, source.traffic, ledger, Random(1), 0.0, lambda request, _: gone.append(request), source=source
    )
    for asked in trace.requests:
        source.deal(asked.seconds, asked)
    for at in range(1, 200):
        engine.run(at / 2)
        assert 0 <= engine.cache.used <= engine.cache.blocks
    engine.run(4000.0)
    assert len(trace.requests) == len(gone)
    assert 0 == engine.cache.used
    assert ledger.total(m.PREEMPTIONS) > 0
    assert 0 < ledger.total(m.PREFIX_CACHE_HITS) < ledger.total(m.PREFIX_CACHE_QUERIES)


# -------------------------------------------------------------------------------------------------- steps


def test_a_step_function_is_what_it_says() -> None:
    """Numbers worked out by hand for the 8B preset: 7 ms of weights, 20 µs a sequence, 56 ns a token held."""
    stepped = PRESETS["8b-datacentre-steps"]
    nine, sixteen = (stepped.step(n, 0, 0, 1000.0, 0.0) for n in (9, 16))
    assert nine == sixteen  # padded to the graph of 16
    assert pytest.approx(0.00732 + 0.1 * 16 / 24_000 + 0.000056) == sixteen
    assert stepped.step(17, 0, 0, 1000.0, 0.0) > sixteen
    # 6,000 prompt tokens: a quarter of a second of arithmetic hides most of the weights; 1.1 ns for each pair.
    assert pytest.approx(0.25 + 0.0007 + 0.0015 + 0.0198) == stepped.step(0, 0, 6000, 0.0, 18e6)
    # 513 sequences fit no graph: 4 ms more, and their arithmetic takes longer than reading the weights.
    assert pytest.approx(0.004 + 513 / 24_000 + 0.1 * 0.01726) == stepped.step(513, 0, 0, 0.0, 0.0)
    drafting = PRESETS["8b-datacentre-speculative"]
    assert pytest.approx(0.0027) == drafting.step(4, 3, 0, 0.0, 0.0) - drafting.step(16, 0, 0, 0.0, 0.0)


def test_a_plain_preset_is_a_sum() -> None:
    """As ever: nothing depends on pairs."""
    assert 0.007 + 0.00002 * 9 + 5.6e-8 * 1000 + 500 / 24_000 == SIMPLE.step(9, 0, 500, 1000.0, 1e9)


# -------------------------------------------------------------------------------------------------- pages


def _pages(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.txt"))}


def test_pages_are_files_dated_by_the_fleets_clock(tmp_path: Path) -> None:
    """Two engines for a minute, every 15 seconds: five pages each, 15 seconds apart; one seed, the same bytes."""
    trace = _written(_made(), tmp_path / "made.csv.gz")
    options = ("--trace", trace, "--engines", "2", "--every", "15s", "--lasts", "1m")
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        done = _run(*options, "--pages", tmp_path / name, "--seed", seed)
        assert 0 == done.exit_code, done.output
    assert "2 servers, 10 pages" in done.output
    names = [f"made-{n}:8000/{seconds}.txt" for n in (0, 1) for seconds in (0, 15, 30, 45, 60)]
    found = _pages(tmp_path / "a")
    assert set(names) == set(found)
    assert found == _pages(tmp_path / "b")
    assert found != _pages(tmp_path / "c")
    times = [(tmp_path / "a" / name).stat().st_mtime for name in names[:5]]
    assert [15.0] * 4 == [later - earlier for earlier, later in pairwise(times)]
    # A second run takes the place of the first.
    _run("--trace", trace, "--engines", "2", "--every", "30s", "--lasts", "1m", "--pages", tmp_path / "a")
    assert 6 == len(_pages(tmp_path / "a"))


def test_a_folder_of_pages_is_analysed(tmp_path: Path) -> None:
    """Rates over the whole time, from the dates of the files: all 400 requests in 200 seconds or so."""
    trace = _made()
    path = _written(trace, tmp_path / "made.csv.gz")
    assert 0 == _run("--trace", path, "--engines", "1", "--pages", tmp_path / "p", "--lasts", "3m").exit_code
    done = CliRunner().invoke(main, ["analyze", str(tmp_path / "p/made-0:8000"), "--format", "json"])
    assert 0 == done.exit_code, done.output
    report = json.loads(done.stdout)
    assert 180.0 == report["source"]["window_seconds"]
    values = {figure["id"]: figure["value"] for figure in report["figures"]}
    came = sum(asked.seconds < 180 for asked in trace.requests)
    assert pytest.approx(came / 180, rel=0.03) == values["requests_per_second"]
    assert 0.3 < values["prefix_cache_hit_ratio"] < 0.95


def test_rate_is_requests_per_second_of_each_engine() -> None:
    """Without it the trace's own, shared by the engines; with it the trace's time runs faster."""
    trace = _made(count=200)
    for rate, expected in ((None, trace.rate / 2), (3.0, 3.0)):
        play = replay([trace], replace(CHAT, rate=rate or 0.0), as_recorded=rate is None)
        found: list[Seen] = []
        fleet = Fleet(play.story, START, play.recorded, found.append)
        fleet.run(START + play.lasts)
        fleet.close()
        assert 200 == len(found)
        assert pytest.approx(expected * 2) == 200 / play.lasts
        assert 2 == len({one.instance for one in found})


def test_a_slowdown_makes_every_step_longer(tmp_path: Path) -> None:
    """A tenth, on the mean token gap of the same requests, each alone or nearly so."""
    lines = [Asked(20.0 * n, 300, 50) for n in range(20)]
    path = _written(Trace("thin", tuple(lines)), tmp_path / "thin.csv.gz")
    gaps = []
    for name, slowdown in (("plain", "1"), ("slow", "1.1")):
        done = _run("--trace", path, "--engines", "1", "--pages", tmp_path / name, "--slowdown", slowdown)
        assert 0 == done.exit_code, done.output
        last = max((tmp_path / name / "thin-0:8000").glob("*.txt"), key=lambda page: float(page.stem))
        text = last.read_text()
        total, count = (
            float(re.findall(rf"^vllm:inter_token_latency_seconds_{kind}{{.*}} (\S+)$", text, re.M)[0])
            for kind in ("sum", "count")
        )
        gaps.append(total / count)
    assert pytest.approx(1.1, rel=0.005) == gaps[1] / gaps[0]


def test_a_scenario_has_pages_too(tmp_path: Path) -> None:
    """A server that restarts has no page while it loads, and the story begins at 0."""
    story = tmp_path / "story.yaml"
    story.write_text(
        "title: x\nstory: y\nlasts: 5m\nfleet: [{replicas: 2}]\nevents: [{at: 100s, replicas: [1], restart: true}]"
    )
    done = _run("--scenario", story, "--pages", tmp_path / "p", "--every", "30s")
    assert 0 == done.exit_code, done.output
    stems = {n: sorted(int(page.stem) for page in (tmp_path / f"p/chat-{n}:8000").glob("*.txt")) for n in (0, 1)}
    assert [*range(0, 301, 30)] == stems[0]
    assert sorted({*range(0, 301, 30)} - {120, 150}) == stems[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trace", "x.csv", "--scenario", "overload"], "--trace and --scenario"),
        (["--trace", "x.csv", "--models", "2"], "--models does not go with --trace"),
        (["--every", "5s"], "--every and --lasts need --pages"),
        (["--pages", "p", "--speed", "2"], "--speed does not go with --pages"),
        (["--pages", "p", "--every", "often"], "must be a duration"),
        (["--trace", "missing.csv", "--pages", "p"], "missing.csv can't be read"),
        (["--trace", "x.csv", "--hardware", "abacus"], "x.csv can't be read"),
    ],
)
def test_what_cannot_be_meant_is_said(arguments: list[str], said: str) -> None:
    """Exit 2."""
    done = _run(*arguments)
    assert 2 == done.exit_code
    assert said in done.stderr


# -------------------------------------------------------------------------------------------------- truth


def _request(**changes: object) -> Request:
    """4,000 tokens of prompt, 11 of answer, on an engine that takes 0.174 s for the prompt and 7.2 ms a token alone."""
    request = Request(100.0, 4000, 11, "stop", 500, scheduled=100.0, first_token=100.2, last_token=100.3, produced=11)
    request.left = 100.3
    for name, value in changes.items():
        setattr(request, name, value)
    return request


@pytest.mark.parametrize(
    ("changes", "hurt"),
    [
        ({}, False),
        ({"first_token": 101.9, "last_token": 102.0}, False),  # ten times as long as alone, but within two seconds
        ({"first_token": 102.1, "last_token": 102.2}, True),
        ({"prompt": 16_000, "first_token": 102.1, "last_token": 102.2}, False),  # alone it takes 0.68 s
        ({"prompt": 16_000, "first_token": 102.9, "last_token": 103.0}, True),
        ({"last_token": 101.1}, False),  # 90 ms between tokens
        ({"last_token": 101.3}, True),  # 110 ms
        ({"reason": "error"}, True),
        ({"reason": "rejected", "first_token": -1.0, "scheduled": -1.0}, True),
        ({"reason": "gone", "first_token": -1.0, "scheduled": -1.0}, True),
        ({"reason": "lost"}, True),
        ({"reason": "abort"}, False),
        ({"reason": "bad", "first_token": -1.0, "scheduled": -1.0}, False),
        ({"left": -1.0, "first_token": -1.0}, False),  # still under way
    ],
)
def test_who_is_hurt(changes: dict[str, object], hurt: bool) -> None:
    """More than four times what it takes alone, and slow; or failed, or given up."""
    assert hurt == seen(_request(**changes), "m", "i", SIMPLE).hurt


def test_the_record_of_a_request_is_complete() -> None:
    """Tokens computed and found, and what the prompt takes alone: two chunks of 8,192 tokens and one of 16."""
    one = seen(_request(prompt=16_400, cached=512), "m", "i", SIMPLE)
    assert (15_888, 512, 11) == (one.computed, one.hits, one.output)
    assert pytest.approx(3 * 0.007 + 16_400 / 24_000) == one.alone_first_token
    assert pytest.approx(0.007 + 0.00002 + 5.6e-8 * 16_405.5) == one.alone_gap
    assert pytest.approx(0.01) == one.gap


def test_requests_of_a_server_that_ends_are_lost() -> None:
    """A frozen engine answers nobody; its restart ends what it had, and everything dealt out is told of once."""
    from vllm_observability.simulate.story import Event

    trace = _made(count=300, gap=0.3)
    play = replay([trace], CHAT, as_recorded=True)
    events = (Event("20s", replicas=(0,), conditions={"frozen": True}), Event("40s", replicas=(0,), restart=True))
    found: list[Seen] = []
    fleet = Fleet(replace(play.story, events=events), START, play.recorded, found.append)
    for at in range(0, 300, 10):
        fleet.run(START + at)
    fleet.close()
    came = {round(one.arrival - START, 3) for one in found}
    assert {asked.seconds for asked in trace.requests if asked.seconds < 290} <= came
    lost = [one for one in found if one.reason == "lost"]
    assert lost
    assert all(one.hurt and 15 < one.arrival - START < 40 and one.instance == "made-0:8000" for one in lost)


# -------------------------------------------------------------------------------------------- repository


def test_no_recorded_traffic_is_in_the_repository() -> None:
    """Traces are other people's data, and stay outside."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in listed:
        path = ROOT / name
        if not name.endswith((".csv", ".csv.gz", ".jsonl", ".jsonl.gz")) or not path.is_file():
            continue
        raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        header = next(csv.reader(raw.decode().splitlines()), [])
        assert not {"prompt_tokens", "ContextTokens"} & set(header), name
        assert b"hash_ids" not in raw, name
