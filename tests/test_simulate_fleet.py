"""Stories, the fleet that plays them, and the fleet on HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from vllm_observability.catalog import beside
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.runbooks import BY_ALERT
from vllm_observability.command.cli import main
from vllm_observability.pages.scrape import read_page
from vllm_observability.simulate import story as stories
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.serve import Stage, server
from vllm_observability.simulate.story import Event, Group, Story, StoryError, duration, load

START = 1.8e9
ALERTS = {*BY_ALERT}
TWO = Story("Two", "", "2h", (Group(replicas=2, traffic={"rate": 1.0}),))


def _values(fleet: Fleet, name: str) -> dict[str, float]:
    """By instance."""
    found = {}
    for series, value in fleet.scrape(frozenset({name})):
        if series.startswith(name + "{"):
            found[re.findall(r'instance="([^"]*)"', series)[0]] = found.get(series, 0.0) + value
    return found


# ------------------------------------------------------------------------------------------------ stories


@pytest.mark.parametrize("name", stories.names())
def test_a_bundled_story_can_be_played(name: str) -> None:
    """Its events name replicas that exist, happen in its time, and its alerts are ours."""
    story = load(name)
    fleet = Fleet(story, START)
    assert duration(story.starts) < duration(story.lasts)
    assert {e.alert for e in story.must} | set(story.may) <= ALERTS
    models = Counter(group.model for group in story.fleet)
    for event in story.events:
        assert event.model in ("", *models)
        assert all(n < max(g.replicas + g.spare for g in story.fleet) for n in event.replicas)
        assert duration(story.starts) <= duration(event.at) < duration(story.lasts)
    fleet.run(START + 90)
    assert sum(_values(fleet, "up").values()) == sum(group.replicas for group in story.fleet)
    for step in range(20):
        fleet.run(START + 90 + step)
    assert list(fleet.scrape())


def test_every_alert_is_expected_by_an_incident() -> None:
    """An alert that no incident raises is an alert that nobody has seen; GPUs and pods are not simulated."""
    expected = {e.alert for name in stories.names() for e in load(name).must}
    assert ALERTS == expected | {check.alert for check in beside.CHECKS}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: x\nstory: y\nlasts: 1h\nfleet: [{modle: a}]", "fleet.0.modle"),
        ("title: x\nstory: y\nlasts: 1h\nfleet: []\nevents: [{at: 1m, reach: sideways}]", "events.0.reach"),
        ("title: x\nlasts: 1h\nfleet: []", "story"),
        ("a: [", "broken.yaml"),
        ("title: x\nstory: y\nlasts: soon\nfleet: [{}]\nevents: [{at: 1m}]", "soon"),
        ("title: x\nstory: y\nlasts: 1h\nfleet: [{traffic: {rate: lots}}]", "traffic: rate"),
        ("title: x\nstory: y\nlasts: 1h\nfleet: [{setup: {hardware: abacus}}]", "abacus"),
    ],
)
def test_a_wrong_story_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """And exit 2, without a traceback."""
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    done = CliRunner().invoke(main, ["simulate", "--scenario", str(path), "--listen", "127.0.0.1:0"])
    assert 2 == done.exit_code
    assert said in done.output
    assert 1 == done.output.count("\n")


def test_an_unknown_story_names_the_known_ones() -> None:
    """As any good command does."""
    with pytest.raises(StoryError, match="overload"):
        load("nonsense")


# -------------------------------------------------------------------------------------------------- fleet


def test_a_restart_is_a_time_without_a_page_and_counters_from_nothing() -> None:
    """Down while the model loads, and its requests go to the other one."""
    story = replace(TWO, events=(Event("10m", replicas=(0,), restart=True),))
    fleet = Fleet(story, START)
    fleet.run(START + 599)
    before = _values(fleet, "vllm:generation_tokens_total")
    fleet.run(START + 630)
    assert {"chat-0:8000": 0.0, "chat-1:8000": 1.0} == _values(fleet, "up")
    assert {"chat-1:8000"} == set(_values(fleet, "vllm:generation_tokens_total"))
    assert 2.0 == fleet.replicas[1].server.engines[0].source.traffic.rate
    for second in (665, 700):
        fleet.run(START + second)
    after = _values(fleet, "vllm:generation_tokens_total")
    assert 0 < after["chat-0:8000"] < before["chat-0:8000"] < after["chat-1:8000"]
    assert 1.0 == fleet.replicas[1].server.engines[0].source.traffic.rate


def test_who_is_gone_is_no_target_and_who_is_down_is() -> None:
    """A scrape that fails says up 0; a target that is gone says nothing."""
    events = (Event("1m", replicas=(0,), reach="down"), Event("1m", replicas=(1,), reach="gone"))
    fleet = Fleet(replace(TWO, events=events), START)
    fleet.run(START + 120)
    assert {"chat-0:8000": 0.0} == _values(fleet, "up")
    assert {} == _values(fleet, "vllm:num_requests_running")


def test_a_change_takes_its_time() -> None:
    """From 1 to 3 requests a second over ten minutes: 2 after five."""
    fleet = Fleet(replace(TWO, events=(Event("10m", traffic={"rate": 3.0}, over="10m"),)), START)
    rates = []
    for minute in (9, 15, 21):
        fleet.run(START + minute * 60 - 1)
        rates.append(fleet.replicas[0].setup.traffic.rate)
    assert [1.0, pytest.approx(2.0), pytest.approx(3.0)] == rates


def test_an_upgrade_shows_other_names_and_a_new_process() -> None:
    """One after the other, four minutes apart."""
    group = Group(replicas=2, setup={"version": "0.10.2"}, traffic={"rate": 1.0})
    story = replace(TWO, fleet=(group,), events=(Event("10m", setup={"version": "0.33.0"}, stagger="4m"),))
    fleet = Fleet(story, START)
    old, new = "vllm:gpu_cache_usage_perc", "vllm:prompt_tokens_by_source_total"
    for minute, with_old, with_new in ((9, 2, 0), (12, 1, 1), (17, 0, 2)):
        fleet.run(START + minute * 60)
        assert (with_old, with_new) == (len(_values(fleet, old)), len(_values(fleet, new)))


# --------------------------------------------------------------------------------------------------- HTTP


@contextmanager
def _serving(story: Story, begin: float = 60.0) -> Iterator[tuple[httpx.Client, Stage]]:
    stage = Stage(Fleet(story, START), begin=begin)
    http = server(stage, "127.0.0.1", 0)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{http.server_address[1]}", trust_env=False) as client:
            yield client, stage
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def test_pages_discovery_and_what_does_not_exist() -> None:
    """Every server has its page; the first one also where vLLM has it."""
    with _serving(TWO) as (client, _):
        answer = client.get("/engines/1/metrics")
        assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["content-type"]
        assert 0 == read_page(answer.content).fault_count
        assert client.get("/metrics").text == client.get("/engines/0/metrics").text != answer.text
        found = client.get("/sd").json()
        assert ["chat-0:8000", "chat-1:8000"] == [target["labels"]["instance"] for target in found]
        assert [client.base_url.netloc.decode()] == found[1]["targets"]
        assert "/engines/1/metrics" == found[1]["labels"]["__metrics_path__"]
        for wrong in ("/engines/2/metrics", "/engines/x/metrics", "/engines/-1/metrics", "/nothing"):
            assert 404 == client.get(wrong).status_code


def test_a_server_that_is_down_answers_503_and_one_that_is_gone_is_not_listed() -> None:
    """As a scrape and discovery would find them."""
    events = (Event("1m", replicas=(0,), reach="down"), Event("1m", replicas=(1,), reach="gone"))
    with _serving(replace(TWO, events=events), begin=90.0) as (client, _):
        assert 503 == client.get("/engines/0/metrics").status_code
        assert 404 == client.get("/engines/1/metrics").status_code
        assert ["chat-0:8000"] == [target["labels"]["instance"] for target in client.get("/sd").json()]


def test_time_goes_on() -> None:
    """Twenty times as fast: in half a second ten seconds of tokens."""
    with _serving(TWO) as (client, stage):
        stage.speed = 20.0
        before = stage.fleet.now
        time.sleep(0.5)
        stage.move()
        assert 9.0 < stage.fleet.now - before < 40.0
        assert client.get("/metrics").status_code == 200


# ------------------------------------------------------------------------------------------------ command


def test_the_list_names_every_story_and_every_preset() -> None:
    """With what happens in it, and where the numbers come from."""
    done = CliRunner().invoke(main, ["simulate", "--list"])
    assert 0 == done.exit_code
    for name in stories.names():
        assert f"  {name}: {load(name).title}" in done.output
    assert "4b-consumer" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "nowhere"], "no address"),
        (["--listen", "127.0.0.1:99999"], "no address"),
        (["--listen", "203.0.113.1:1"], "can't be listened on"),
        (["--hardware", "abacus"], "no such hardware"),
        (["--vllm-version", "0.1.0"], "from 0.4.2 to 0.33.0"),
        (["--vllm-version", "new"], "from 0.4.2 to 0.33.0"),
        (["--scenario", "nonsense"], "none of the bundled stories"),
        (["--scenario", "overload", "--begin", "9h"], "can't begin"),
        (["--scenario", "overload", "--begin", "soon"], "no duration"),
        (["--engines", "0"], "--engines"),
    ],
)
def test_bad_usage_is_one_sentence(arguments: list[str], said: str) -> None:
    """And exit 2."""
    done = CliRunner().invoke(main, ["simulate", *arguments])
    assert 2 == done.exit_code
    assert said in done.output
    assert "Traceback" not in done.output


def _hang_up(address: str) -> None:
    """Ask for a page and don't wait for it, as a scrape that ran out of time."""
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"GET /engines/0/metrics HTTP/1.1\r\n\r\n" * 50)
        time.sleep(0.05)


def test_it_serves_until_it_is_told_to_stop() -> None:
    """The address is printed, the fleet moves, a client that hangs up is no news, and Ctrl-C is a clean end."""
    command = [sys.executable, "-m", "vllm_observability", "simulate", "--engines", "3", "--models", "2"]
    # Where tests run in the background, their shell has Ctrl-C ignored, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", "--vllm-version", "0.10.2"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.findall(r"http://127\.0\.0\.1:\d+", line)[0]
        with httpx.Client(base_url=address, trust_env=False) as client:
            pages = [client.get(f"/engines/{n}/metrics").text for n in range(3)]
            models = [re.findall(r'model_name="([^"]*)"', page)[0] for page in pages]
            assert ["acme/model-0", "acme/model-0", "acme/model-1"] == models
            assert 3 == len(json.loads(client.get("/sd").text))
            first = read_page(client.get("/metrics").content)
            _hang_up(address.removeprefix("http://"))
            time.sleep(2.5)
            later = read_page(client.get("/metrics").content)
        name = m.PROCESS_CPU.names[0].text
        cpu = [next(s.value for s in page.samples if s.name == name) for page in (first, later)]
        assert cpu[0] < cpu[1]
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (0, "") == (process.returncode, err)
