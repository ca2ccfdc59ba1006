"""Every panel under every choice: one model, one server, one engine, a cluster of two with equal names.

The servers are recorded ones, their load changes in the middle. Both forms must say the same, what has data must
answer over every window, and what nobody has must show nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from harness import boardlint, misleading
from harness.cost import FORMS, asked
from harness.programs import Server, Vector
from stepped import AFTER_STEP, LATE, stepped_server
from test_boards import EMPTY
from vllm_observability.catalog import questions

CHOICES: Mapping[str, dict[str, str]] = {
    "all": {},
    "one model": {"model_name": "acme/chat"},
    "two models": {"model_name": "(acme/chat|acme/spec)"},
    "one server": {"instance": "chat-0:8000"},
    "one engine": {"instance": "chat-0:8000", "engine": "1"},
    "one cluster": {"cluster": "c1"},
}
WINDOWS = ("2m", "5m", "20m")
BOARDS = {
    form: {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    for form, folder in FORMS.items()
}
# Over the time that is shown, and over sums of recorded rates: not the same seconds.
OTHER_WINDOWS = ("good events", "Objectives")


class Answers:
    """What a server answers; the same question is asked once."""

    def __init__(self, server: Server) -> None:
        """Nothing is asked yet."""
        self._server = server
        self._known: dict[tuple[str, float], Vector] = {}

    def __call__(self, expr: str, at: float, window: str, chosen: Mapping[str, str]) -> Vector:
        """As Grafana asks, half an hour being shown."""
        text = asked(expr, {"$__rate_interval": window, "$__range": "30m"}, chosen)
        if (text, at) not in self._known:
            self._known[text, at] = self._server.query(text, at)
        return self._known[text, at]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The stepped fleet, scraped and recorded."""
    with stepped_server(tmp_path_factory.mktemp("stepped") / "data") as server:
        yield Answers(server)


def _queries(board: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p["title"], expr) for p, expr in boardlint.queries(board) if not misleading.bound(expr)]


def _offered(board: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
    """What can be chosen there."""
    names = {variable["name"] for variable in boardlint.variables_of(board)}
    return {name: value for name, value in chosen.items() if name in names}


def _plain(answer: Vector) -> Vector:
    return {tuple(pair for pair in labels if pair[0] != "__name__"): value for labels, value in answer.items()}


def _alike(one: Vector, other: Vector) -> bool:
    a, b = _plain(one), _plain(other)
    if len(a) == len(b) == 1 and all("engine" in dict(key) for key in (*a, *b)):
        b = dict(zip(a, b.values(), strict=True))  # of several that are equally far, any may be the odd one
    return a.keys() == b.keys() and all(math.isclose(a[k], b[k], rel_tol=1e-6, abs_tol=1e-9) for k in a)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("at", [AFTER_STEP, LATE], ids=["step", "late"])
def test_forms_agree(answers: Answers, choice: str, at: float) -> None:
    """Panel by panel, where both can be asked the same and no title says that it can't obey."""
    differing, compared = [], 0
    for slug, raw in BOARDS["raw"].items():
        fleet = BOARDS["fleet"][slug]
        chosen = CHOICES[choice]
        if _offered(fleet, chosen) != chosen:
            continue
        for (title, one), (same, other) in zip(_queries(raw), _queries(fleet), strict=True):
            if misleading.plain_title(title) != title or misleading.plain_title(same) != same:
                continue
            if any(words in title for words in OTHER_WINDOWS):
                continue
            compared += 1
            found = answers(one, at, "5m", chosen), answers(other, at, "5m", chosen)
            if not _alike(*found):
                differing.append((slug, title, *found))

    assert [] == differing
    assert compared > (30 if "instance" in CHOICES[choice] else 200)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("choice", CHOICES)
def test_what_has_data_answers_over_every_window(answers: Answers, form: str, choice: str) -> None:
    """The same rows, whatever the zoom makes of `$__rate_interval`."""
    differing = []
    for slug, board in BOARDS[form].items():
        chosen = _offered(board, CHOICES[choice])
        for title, expr in _queries(board):
            if "$__rate_interval" not in expr:
                continue
            found = [answers(expr, LATE, window, chosen).keys() for window in WINDOWS]
            if any(keys != found[0] for keys in found):
                differing.append((slug, title, found))

    assert [] == differing


@pytest.mark.parametrize("form", FORMS)
def test_what_is_recorded_knows_no_window_of_the_panel(form: str) -> None:
    """A query reads rates of the rules or of the panel, never both."""
    both = [
        (slug, title)
        for slug, board in BOARDS[form].items()
        for title, expr in _queries(board)
        if misleading.RECORDED_RATE.search(expr) and "$__rate_interval" in expr
    ]

    assert [] == both


AGO = {" offset 1h": 3600, " offset 1d": 86400, " offset 1w": 604800}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("choice", CHOICES)
def test_a_query_of_before_is_the_query_of_then(answers: Answers, form: str, choice: str) -> None:
    """An hour, a day or a week later it says what the same query without it said, of what was chosen."""
    compared, told = set(), 0
    for board in BOARDS[form].values():
        chosen = _offered(board, CHOICES[choice])
        for title, expr in _queries(board):
            if not (held := [(word, seconds) for word, seconds in AGO.items() if word in expr]) or "topk" in expr:
                continue
            if "/ (" in expr and expr.count("model:") > 2:  # compares two times in one query
                continue
            ((word, seconds),) = held
            then = answers(expr.replace(word, ""), LATE, "5m", chosen)
            assert _alike(answers(expr, LATE + seconds, "5m", chosen), then), (title, expr)
            compared.add(word)
            told += bool(then)

    assert compared == AGO.keys()
    assert told >= 9


NOTHING = "nobody"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["cluster", "namespace", "job", "model_name", "instance", "engine"])
def test_a_choice_is_obeyed(answers: Answers, form: str, name: str) -> None:
    """Choose what nobody has: a panel is empty, or its title says that it looks at all of them."""
    wrong = []
    for slug, board in BOARDS[form].items():
        if not _offered(board, {name: NOTHING}):
            continue
        for title, expr in _queries(board):
            if name in next((names for words, names in misleading.UNOBEYED.items() if title.endswith(words)), ()):
                continue
            if answer := answers(expr, LATE, "5m", {name: NOTHING}):
                wrong.append((slug, title, answer))

    assert [] == wrong


# What these servers have not, by the panel; and columns of times in which they were not there yet.
SILENT = {
    "Firing alerts": "no alert rule is loaded",
    "Failed KV transfers/s": "no KV connector",
    "Speed of loads and stores": "no offloading connector",
}
EARLIER = re.compile(r" offset 1[hdw]|budget_left|\[30d:")


@pytest.mark.parametrize("form", FORMS)
def test_every_question_leads_to_a_panel_that_answers(answers: Answers, form: str) -> None:
    """Each of its queries; and what is silent here answers in the made-up fleet, which has those features."""
    asked_for = {(question.slug, question.panel) for topic in questions.ALL for question in topic.questions}
    asked_for |= {(slug, title) for job in questions.JOBS for slug, title, _ in job.steps}
    silent, told = set(), 0
    for slug, title in asked_for:
        found = [expr for shown, expr in _queries(BOARDS[form][slug]) if misleading.plain_title(shown) == title]
        assert found, (slug, title)
        for expr in found:
            if EARLIER.search(expr) and found[0] != expr:
                continue
            told += 1
            if not answers(expr, LATE, "5m", {}):
                silent.add(title)

    assert SILENT.keys() == silent
    assert not SILENT.keys() & EMPTY.keys()
    assert told > 80
