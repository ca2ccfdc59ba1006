"""The steady maximum from light load, against engines that are then driven to it; and refusals with their reasons."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from harness.programs import ROOT
from made_pages import write_pages
from vllm_observability.capacity.full import DRAWN, Full, Lengths, drawn, played
from vllm_observability.capacity.judge import unsure
from vllm_observability.capacity.records import Limits as EngineLimits
from vllm_observability.capacity.saturated import saturated
from vllm_observability.command.cli import main
from vllm_observability.intervals import Engine, Interval, total
from vllm_observability.intervals.folder import read_folder
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import English

SCHEMA = json.loads((ROOT / "docs/capacity.schema.json").read_text())
LIMITS = ("--max-num-seqs", "64", "--max-num-batched-tokens", "2048")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["capacity", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small cards at about half of what they can do, and one that has more than it can do."""
    folder = tmp_path_factory.mktemp("capacity")
    common = {"hardware": "4b-consumer", "output": 120.0, "minutes": 15.0, "prefixes": 0}
    write_pages(folder / "half", rate=1.6, engines=2, seed="a", **common)  # type: ignore[arg-type]
    # Clients that left would leave a mix of shorter requests: long ones wait longest for room at the queue's head.
    write_pages(folder / "full", rate=12.0, engines=1, seed="b", patience=1e6, **common)  # type: ignore[arg-type]
    return folder


def test_the_maximum_is_known_before_it_is_reached(pages: Path) -> None:
    """Within 15 % of what a saturated engine really did, and inside the interval."""
    full = total(read_folder(str(pages / "full"), Settings()).side.intervals[20:])
    truth = 2 * full.get("requests") / (full.end - full.start)
    done = _run(pages / "half", *LIMITS, "--format", "json")
    assert 0 == done.exit_code, done.output
    (model,) = json.loads(done.stdout)["models"]
    steady = model["steady_requests_per_second"]
    assert 0.85 * truth < steady["value"] < 1.15 * truth, truth
    assert steady["interval"][0] < truth < steady["interval"][1]
    assert model["burst_requests_per_second"]["value"] <= steady["value"]
    assert "kv" == model["binds"]
    assert 0.3 < model["used_ratio"] < 0.7


def test_what_a_setting_would_change(pages: Path) -> None:
    """The KV cache binds: fp8 helps, more sequences do not; an engine fewer is half of two."""
    (model,) = json.loads(_run(pages / "half", *LIMITS, "--format", "json").stdout)["models"]
    rates = {one["id"]: one["steady_requests_per_second"]["value"] for one in model["what_if"]}
    now = model["steady_requests_per_second"]["value"]
    assert rates["fp8_kv"] > 1.2 * now
    assert now == rates["max_num_seqs"]
    assert now / 2 == pytest.approx(rates["one_engine_fewer"])


def test_engines_for_a_larger_load(pages: Path) -> None:
    """Four times the load needs more engines than twice."""
    needed = [
        json.loads(_run(pages / "half", *LIMITS, "--for-load", load, "--format", "json").stdout)["models"][0][
            "replicas"
        ]
        for load in ("1x", "2x", "4x")
    ]
    assert needed[0] <= 2 <= needed[1] < needed[2]
    assert needed[2] >= 3


def test_json_keeps_to_the_published_schema(pages: Path, tmp_path: Path) -> None:
    """Answered and refused."""
    Draft202012Validator.check_schema(SCHEMA)
    light = write_pages(tmp_path / "light", rate=0.05, minutes=6)
    for done in (_run(pages / "half", *LIMITS, "--format", "json"), _run(light, "--format", "json")):
        Draft202012Validator(SCHEMA).validate(json.loads(done.stdout))


def test_every_form_says_it(pages: Path) -> None:
    """Text in two languages, Markdown and HTML."""
    assert "What limits it: the KV cache is full first" in _run(pages / "half", *LIMITS).stdout
    assert "o cache KV enche primeiro" in _run(pages / "half", *LIMITS, "--lang", "pt-BR").stdout
    assert "steady maximum" in _run(pages / "half", *LIMITS, "--format", "markdown").stdout
    assert '<div class="gauge"' in _run(pages / "half", *LIMITS, "--format", "html").stdout


def _refused(done: Result, reason: str) -> None:
    assert 3 == done.exit_code, done.output
    (model,) = json.loads(done.stdout)["models"]
    assert "refused" == model["state"]
    assert reason in model["reason"]


def test_light_load_is_refused(tmp_path: Path) -> None:
    """An engine that is mostly idle shows no step that could be timed."""
    _refused(_run(write_pages(tmp_path / "light", rate=0.2, minutes=6), "--format", "json"), "the load is too light")


@pytest.mark.parametrize(
    ("fleet", "engines", "full"),
    [
        ({"rate": 12.0, "patience": 1e6}, 1, 1),  # far too much, and nobody leaves
        ({"rate": 12.0}, 1, 1),  # clients give up after a minute
        ({"rate": 5.0, "patience": 1e6}, 2, 2),  # the queue grows slowly
        ({"rate": 60.0, "output": 8.0, "patience": 1e6}, 1, 1),  # also where a step could not be timed
        ({"rate": 12.0, "minutes": 2.0}, 1, 1),  # also where the time is short
    ],
)
def test_saturated_engines_are_named_with_their_queue(
    fleet: dict[str, float], engines: int, full: int, tmp_path: Path
) -> None:
    """What they finish is the maximum; engines are counted from what arrives."""
    kind = {"hardware": "4b-consumer", "output": 120.0, "minutes": 8.0, "prefixes": 0, "engines": engines} | fleet
    folder = write_pages(tmp_path / "over", **kind)  # type: ignore[arg-type]
    done = _run(folder, *LIMITS, "--format", "json")
    _refused(done, f"{full} of {engines} engines are saturated")
    Draft202012Validator(SCHEMA).validate(json.loads(done.stdout))
    reason = json.loads(done.stdout)["models"][0]["reason"]
    numbers = re.search(
        r"saturated: ([\d.,]+) requests wait .*, ([\d.]+) requests per second, .*least ([\d.]+) req", reason
    )
    assert numbers, reason
    waiting, most, demand = (float(one.replace(",", "")) for one in numbers.groups())
    assert waiting > 5
    assert demand > 0.9 * most
    needed = []
    for load in (1, 3):
        (model,) = json.loads(_run(folder, *LIMITS, "--for-load", f"{load}x", "--format", "json").stdout)["models"]
        needed.append(int(model["reason"].rpartition("at least ")[2].removesuffix(" engines")))
    assert needed[0] > engines
    assert needed[1] == pytest.approx(3 * demand / most, abs=1.1)
    assert "estão saturados" in _run(folder, *LIMITS, "--lang", "pt-BR").stdout


def test_one_saturated_engine_of_two_is_named(pages: Path, tmp_path: Path) -> None:
    """The other has room: what arrives is counted at both."""
    shutil.copytree(next((pages / "half").iterdir()), tmp_path / "one-0:8000")
    shutil.copytree(next((pages / "full").iterdir()), tmp_path / "one-1:8000")
    _refused(_run(tmp_path, *LIMITS, "--format", "json"), "1 of 2 engines are saturated")


@pytest.mark.parametrize(
    ("waiting", "lasts"),
    [
        ([0.0] * 120, False),
        ([40.0, 20.0, 0.0, 0.0, 0.0, 0.0] * 20, False),  # bursts, whose queue empties
        ([3.0] * 120, False),  # against 40 that run
        ([200.0] * 40 + [0.0] * 80, False),  # it is over
        ([0.0] * 98 + [200.0] * 22, True),  # it began
        ([n * 0.5 for n in range(120)], True),  # it grows
        ([200.0] * 70 + [0.0] * 50, True),  # most of the time
    ],
)
def test_a_queue_that_lasts_is_told_from_bursts(waiting: list[float], lasts: bool) -> None:
    """Half an hour in scrapes of 15 s; a growing queue is part of what arrives."""
    intervals = tuple(
        Interval(15.0 * n, 15.0 * n + 15, {"requests": 30.0}, {"waiting": queue, "running": 40.0})
        for n, queue in enumerate(waiting)
    )
    found = saturated([Engine("a", "0", "m", intervals)])
    assert lasts == (found is not None)
    if found:
        assert 2.0 == pytest.approx(found.most)
        assert 2.0 + max(waiting[-1] - waiting[0], 0) / 1800 == pytest.approx(found.demand)


def test_a_short_time_is_no_light_load(pages: Path, tmp_path: Path) -> None:
    """Two minutes of a load that is enough over fifteen."""
    for target in (pages / "half").iterdir():
        (tmp_path / target.name).mkdir()
        for page in sorted(target.iterdir())[:9]:
            shutil.copy(page, tmp_path / target.name)
    _refused(_run(tmp_path, *LIMITS, "--format", "json"), "the time is too short: an engine was never idle in")


def test_an_interval_is_not_said_to_hold_more_than_was_measured(pages: Path) -> None:
    """What is meant and what was measured are told apart."""
    assert "is meant to hold the true value in 90 of 100 cases" in " ".join(
        _run(pages / "half", *LIMITS).stdout.split()
    )


@pytest.mark.parametrize(
    ("again", "batch", "said"),
    [
        (
            0.4,
            20.0,
            "preemptions make the maximum a matter of chance: with the KV cache full, 40 % of the prompt tokens",
        ),
        (0.01, 160.0, "the load is too light for the maximum: the estimate may be 50 % off; 20 sequences per step"),
    ],
)
def test_a_vague_estimate_is_refused_by_what_makes_it_vague(again: float, batch: float, said: str) -> None:
    """A load at four fifths of the maximum is not light because the KV cache will be full."""
    assert said in English().write(unsure(0.5, Full(batch, 1.0, again, "kv"), 20.0))


def test_short_outputs_are_refused(tmp_path: Path) -> None:
    """Six tokens of output."""
    side = write_pages(tmp_path / "short", rate=6.0, minutes=6, output=6.0)
    _refused(_run(side, "--format", "json"), "outputs are too short to time a step")


def test_no_traffic_is_refused(tmp_path: Path) -> None:
    """A state, not a number."""
    _refused(_run(write_pages(tmp_path / "idle", rate=0.0, minutes=6), "--format", "json"), "there was no traffic")


def test_unusable_input_ends_with_2(pages: Path, tmp_path: Path) -> None:
    """No folder, one scrape, a load that is no factor."""
    assert 2 == _run(tmp_path / "none").exit_code
    assert 2 == _run().exit_code
    assert 2 == _run(pages / "half", "--for-load", "much").exit_code
    target = tmp_path / "one/chat:8000"
    target.mkdir(parents=True)
    (target / "1767225600.txt").write_text(next((pages / "half").glob("*/*.txt")).read_text())
    done = _run(tmp_path / "one")
    assert 2 == done.exit_code
    assert "one scrape only" in done.stderr


def test_a_model_of_a_single_page_is_refused_beside_the_others(pages: Path, tmp_path: Path) -> None:
    """As of one that was loaded a moment ago."""
    side = tmp_path / "side"
    shutil.copytree(pages / "half", side)
    page = max(side.glob("*/*.txt"))
    other = [line for line in page.read_text().splitlines() if 'model_name="acme/chat"' in line]
    page.write_text(page.read_text() + "\n".join(other).replace("acme/chat", "acme/new") + "\n")
    done = _run(side, "--max-num-seqs", "256", "--format", "json")
    found = {one["model_name"]: one for one in json.loads(done.stdout)["models"]}
    assert "only one scrape" in found["acme/new"]["reason"]


def _restarted(target: Path) -> None:
    early, *_, late = sorted(target.iterdir())[:30]
    shutil.copy(early, late)


def _without_buckets(target: Path) -> None:
    for page in target.iterdir():
        page.write_text(re.sub(r"(?m)^vllm:inter_token_latency_seconds_bucket.*\n", "", page.read_text()))


def _of_another_clock(target: Path) -> None:
    pages = sorted(target.iterdir())
    first = float(pages[0].stem)
    for page in pages[1:]:
        page.rename(target / f"{first + (float(page.stem) - first) / 8:.2f}.txt")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_restarted, "Give a side that begins after the restart"),
        (_without_buckets, "has no classic buckets, as with native histograms"),
        (_of_another_clock, "the clock of the pages' names or dates is not that of the engines"),
    ],
)
def test_pages_of_two_processes_clocks_or_forms_are_refused(
    pages: Path, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    """One sentence, and no number."""
    target = tmp_path / "spoilt/chat-0:8000"
    shutil.copytree(next((pages / "full").iterdir()), target)
    spoil(target)
    done = _run(tmp_path / "spoilt", *LIMITS)
    assert 2 == done.exit_code, done.output
    assert said in done.stderr
    assert "" == done.stdout


# ----------------------------------------------------------------------------------------------- a full engine


@pytest.mark.parametrize(
    ("limits", "room", "decoding", "binds"),
    [
        (EngineLimits(32, 8192, True), None, 32.0, "seqs"),
        (EngineLimits(512, 110, True), None, 100.0, "tokens"),  # each sequence needs a tenth of a prompt token a step
        (EngineLimits(256, 8192, True), 15_000.0, 100.0, "kv"),  # 100 to 200 tokens are held
    ],
)
def test_each_limit_binds(limits: EngineLimits, room: float | None, decoding: float, binds: str) -> None:
    """The numbers follow from the limits and the lengths alone."""
    output = 100 if room else 1000
    full = played(Lengths([(100.0, float(output))] * DRAWN), limits, room)
    assert binds == full.binds
    assert decoding == pytest.approx(full.decoding, rel=0.08)


def test_preemptions_compute_again() -> None:
    """Long answers outgrow a full KV cache; short ones do not, and no limit none."""
    again = [
        played(Lengths([(1000.0, output)] * DRAWN), EngineLimits(256, 8192, True), room).again
        for output, room in ((500.0, 20_000.0), (5.0, 20_000.0), (500.0, None))
    ]
    assert again[0] > 0.05 > again[1]
    assert 0 == again[2]


def test_lengths_are_drawn_with_the_mean_that_was_measured() -> None:
    """Within the histogram's buckets, and as exponential ones without it."""
    buckets = {10.0: 50.0, 100.0: 90.0, math.inf: 100.0}
    for held in (buckets, {}):
        found = drawn(30.0, held, Random(1))
        assert 30.0 == pytest.approx(math.fsum(found) / len(found), rel=0.05)
    assert 0.4 < sum(value < 12 for value in drawn(30.0, buckets, Random(1))) / DRAWN < 0.6
