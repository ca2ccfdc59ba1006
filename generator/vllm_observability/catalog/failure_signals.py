"""Questions about requests that fail, are refused, or never come: few of them, by server, or against other hours."""

from __future__ import annotations

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Matcher, Node, Over, Part, Ratio, Raw, Signal, Unit


def _signal(id: str, expr: Node, unit: Unit, title: str, meaning: str, **more: object) -> Signal:
    return Signal(id, expr, unit, title, meaning, figure=False, **more)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------- by server and model


def _http(status: str) -> Over:
    where: tuple[Matcher, ...] = (s.INFERENCE, ("status", "=~", status))
    return Over("rate", m.HTTP_REQUESTS, "{rate_window}", where=where)


HTTP_ANSWERS = _signal(
    "http_answers_per_second",
    Raw("sum by ({target}) ({answers})", overs=(("answers", _http("2..|5..")),)),
    Unit.REQUESTS_PER_SECOND, "Inference requests answered or failed per second",
    "Inference requests of a server that ended with 2xx or 5xx, per second.",
    record="http_answers:sum", levels=("target",), topic="http",
)
HTTP_FAILURES = _signal(
    "http_failures_per_second",
    Raw(
        "sum by ({target}) ({failures})\nor\n0 * {answers}",
        parts=(("answers", HTTP_ANSWERS.expr),), overs=(("failures", _http("5..")),),
    ),
    Unit.REQUESTS_PER_SECOND, "Inference requests failed per second",
    "Inference requests of a server that ended with 5xx, per second.",
    record="http_failures:sum", levels=("target",), topic="http",
)
_FAILURES = (("failures", HTTP_FAILURES.expr), ("answers", HTTP_ANSWERS.expr))
_GOING_ON = ("lately", Over("rate", m.HTTP_REQUESTS, where=(s.INFERENCE, ("status", "=~", "5.."))))
SERVER_HTTP_ERRORS = _signal(
    "server_http_error_ratio",
    Raw(
        "{failures} / ({answers} > 0)\n"
        "and on ({target})\n{answers} * {rate_seconds} >= 20\n"
        "and on ({target})\nsum by ({target}) ({lately}) > 0\n"
        # Of a deployment with one server its own share says the same.
        "and on ({scope})\ncount by ({scope}) ({answers}) > 1",
        parts=_FAILURES, overs=(_GOING_ON,),
    ),
    Unit.RATIO, "HTTP 5xx share of one server",
    "Share of a server's inference requests that fail with 5xx, of 20 or more.",
    record="server_http_errors:ratio", levels=("target",), topic="http",
)  # fmt: skip
# HTTP series know no model: what a server answers is that of the models it shows.
_BY_MODEL = (
    "sum by ({{model}}) (\n"
    "  group by ({{target}}, model_name) ({{requests_running}}) * on ({{target}}) group_left () {{{what}}}\n)"
)
MODEL_HTTP_ERRORS = _signal(
    "model_http_error_ratio",
    Raw(
        f"{_BY_MODEL.format(what='failures')}\n/\n({_BY_MODEL.format(what='answers')} > 0)\n"
        f"and on ({{model}})\n{_BY_MODEL.format(what='answers')} * {{rate_seconds}} >= 20\n"
        f"and on ({{model}})\n{_BY_MODEL.format(what='lately')} > 0\n"
        # Of a deployment with one model its own share says the same.
        "and on ({scope})\ncount by ({scope}) (group by ({model}) ({requests_running})) > 1",
        (m.REQUESTS_RUNNING,),
        overs=(),
        at=(("failures", "target", HTTP_FAILURES.expr), ("answers", "target", HTTP_ANSWERS.expr)),
        parts=(("lately", Raw("sum by ({target}) ({lately})", overs=(_GOING_ON,))),),
    ),
    Unit.RATIO, "HTTP 5xx share of one model",
    "Share of a model's inference requests that fail with 5xx, of 20 or more.",
    record="model_http_errors:ratio", topic="http",
)  # fmt: skip

# ------------------------------------------------------------------------------------------- few requests
# A model with a request every few minutes never has 20 in five minutes. Its failures are counted over hours, and have to
# go on; where there are more requests the rate window judges them.


def _few(failed: str, all: str, on: str) -> str:
    """The share that failed of few requests, ten failures at least: within the hour, else within six."""
    return "\nor\n".join(_few_in(failed, all, on, hours, lately) for hours, lately in ((1, "15m"), (6, "1h")))


def _few_in(failed: str, all: str, on: str, hours: int, lately: str) -> str:
    """They go on failing, over hours most of them: what is over must not page for long."""

    def counted(what: str, window: str) -> str:
        return f"sum_over_time({what}[{window}:5m]) * 300"

    enough = (
        f"({counted(failed, f'{hours}h')} >= 9.5) / on ({on}) ({counted(all, f'{hours}h')} < 240)\n"
        f"and on ({on})\n{all} * {{rate_seconds}} < 40\n"
        f"and on ({on})\n{counted(failed, lately)} > {0.5 if hours > 1 else 0.01} * {counted(all, lately)}"
    )
    # Where an hour has enough of them, it is the judge.
    return f"{enough}\nand on ({on})\n{counted(failed, '1h')} < 9.5" if hours > 1 else enough


_FINISHED = "(sum by ({model}) ({finished}))"
FEW_ERRORS = _signal(
    "few_requests_error_ratio",
    Raw(
        _few(f"({{share}} * on ({{model}}) {_FINISHED})", _FINISHED, "{model}"),
        series=(("share", s.ERROR_SHARE.expr), ("finished", Growth(m.REQUEST_SUCCESS))),
    ),
    Unit.RATIO, "Share finished with error, few requests",
    "Share of a model's requests in an hour, or in six, that ended with an error, where there are few requests.",
    record="few_requests_errors:ratio", topic="memory",
)
FEW_HTTP_ERRORS = _signal(
    "few_requests_http_error_ratio",
    # Over one hour only: six would cost as much as all other rules of a server.
    Raw(_few_in("{failures}", "{answers}", "{target}", 1, "15m"), series=_FAILURES),
    Unit.RATIO, "HTTP 5xx share of one server, few requests",
    "Share of a server's inference requests in an hour that fail with 5xx, where there are few requests.",
    record="few_requests_http_errors:ratio", levels=("target",), topic="memory",
)

# ------------------------------------------------------------------------------------------- rare events
# One event in a few minutes is above 0 for ever: what is rare is judged by its count and its share.

REJECTIONS_COUNTED = _signal(
    "admission_rejections", Growth(m.ADMISSION_REJECTIONS), Unit.REQUESTS, "Rejected requests",
    "Requests that a queue limit refused.",
)  # fmt: skip
REJECTED_SHARE = _signal(
    "admission_rejections_ratio", Ratio(Growth(m.ADMISSION_REJECTIONS), Growth(m.REQUEST_SUCCESS)), Unit.RATIO,
    "Rejected for each finished request", "Requests that a queue limit refused, for each that finished.",
)  # fmt: skip

# ------------------------------------------------------------------------- work that vanishes without error

TRAFFIC_GONE = _signal(
    "traffic_gone",
    Raw(
        # In every five minutes of the hour before there were requests, a minute apart or less; and where other days are
        # known, these hours were busy on them too.
        "sum by ({model}) ({finished}) == 0\n"
        "and on ({model})\n{running} + {waiting} == 0\n"
        "and on ({model})\nmin_over_time((sum by ({model}) ({finished}))[1h:5m] offset 30m) > 0\n"
        "and on ({model})\nsum_over_time((sum by ({model}) ({finished}))[1h:5m] offset 30m) >= 60 / 300\n"
        "unless on ({model})\nsum_over_time((sum by ({model}) ({finished}))[15m:5m] offset 1d) < 5 / 300\n"
        "unless on ({model})\nsum_over_time((sum by ({model}) ({finished}))[15m:5m] offset 1w) < 5 / 300",
        series=(("finished", Growth(m.REQUEST_SUCCESS)), ("running", s.RUNNING.expr), ("waiting", s.WAITING.expr)),
    ),
    Unit.NONE, "Models whose traffic stopped",
    "Models that had requests all the time an hour ago, and as far as known at these hours of other days, and have none.",
)
ANSWERS_COLLAPSED = _signal(
    "answer_length_change_ratio",
    Raw(
        # Shorter answers to other prompts are another use; one token for the same prompts is a broken template.
        "{length} / (max_over_time({length}[1h:5m] offset 30m) >= 20)\n"
        "and on ({model})\n{length} <= 2\n"
        "and on ({model})\n{prompt} > 0.5 * avg_over_time({prompt}[1h:5m] offset 30m)\n"
        "and on ({model})\n{prompt} < 2 * avg_over_time({prompt}[1h:5m] offset 30m)\n"
        "and on ({model})\nsum by ({model}) ({finished}) * {rate_seconds} >= 20",
        series=(
            ("length", s.GENERATION_LENGTH.expr), ("prompt", s.PROMPT_LENGTH.expr), ("finished", Growth(m.REQUEST_SUCCESS)),
        ),
    ),
    Unit.RATIO, "Answer length against an hour ago",
    "Mean answer length now over that of an hour before, where prompts are as long as then and answers have a token or two.",
    record="answers_collapsed:ratio", topic="memory",
)
UNCOUNTED_ABORTS = _signal(
    "requests_left_ratio",
    Raw(
        # What began and is neither finished nor running was left; over half an hour, so that long answers end in it.
        "1 - (sum_over_time((sum by ({model}) ({finished}))[30m:5m]) * 300 + {running} - {running} offset 30m)\n"
        "/ (sum_over_time({begun}[30m:5m]) * 300 >= 60)",
        series=(
            ("finished", Growth(m.REQUEST_SUCCESS)), ("begun", Growth(m.TTFT, Part.COUNT)), ("running", s.RUNNING.expr),
        ),
    ),
    Unit.RATIO, "Share of requests that began and never ended",
    "Requests of half an hour that got a first token and neither finished nor run: their clients left, uncounted.",
    record="requests_left:ratio", topic="memory",
)

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
