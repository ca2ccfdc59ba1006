"""Who was there and at work lately: what an outage must not make alerts forget.

A window a day long costs more than all else that a rule reads, so each of these reads it in steps. None reads its own
series of the evaluation before: rules like that forget at a restart of Prometheus, and can't be backfilled.
"""

from __future__ import annotations

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Raw, Signal, Unit

TARGET_SEEN = Signal(
    "target_seen",
    Raw(
        # Whoever showed an engine is a server too, whatever its job is called.
        "max by ({target}) (max_over_time(up{{{servers}}}[1h:1m])) == 1\n"
        "or\nmax by ({target}) (max_over_time(up{{{servers}}}[1d:30m])) == 1\n"
        "or\ngroup by ({target}) (last_over_time(({requests_running})[6h:15m]))",
        (m.REQUESTS_RUNNING,),
    ),
    Unit.NONE, "Servers that have been up", "Scrape targets that have answered within a day, or have shown an engine.",
    record="target_seen:up", levels=("target",), figure=False, topic="memory",
)
IN_USE = Signal(
    "model_in_use",
    Raw(
        # Idle for minutes and then gone is how scaling to zero looks, so what counts is the end: five minutes hold a
        # request of a model that has one a minute, and none of a model that a scaler takes away.
        "(\n  group by ({model}) ({running} > 0 or {waiting} > 0 or sum by ({model}) ({finished}) > 0)\n"
        "  and on ({model}) {running}\n)\nor\n0 * {running}",
        series=(("running", s.RUNNING.expr), ("waiting", s.WAITING.expr), ("finished", Growth(m.REQUEST_SUCCESS))),
    ),
    Unit.NONE, "Models in use", "1 for a model that has requests, or had some within minutes; 0 for one that is idle.",
    record="in_use:bool", figure=False, topic="memory",
)
ENGINE_GONE = Signal(
    "engine_gone",
    Raw(
        "last_over_time({running}[1h:2m])\nunless on ({engine})\n{running}", series=(("running", s.RUNNING.expr),),
    ),
    Unit.REQUESTS, "Engines that went", "Requests that engines ran at last, of those that went within the hour.",
    record="engine_gone:requests", levels=("engine",), figure=False, topic="memory",
)
ENGINES_IDLE = Signal(
    "engines_idle",
    Raw(
        "sum by ({by}) (avg_over_time(({running} == bool 0)[5m:30s]))", at=(("running", "engine", s.RUNNING.expr),),
    ),
    Unit.COUNT, "Idle engines", "Engines that run no request, mean over five minutes.",
    record="engines_idle:avg5m", figure=False, topic="memory",
)

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
