"""What a report notices on pages without a threshold: a queue that nothing serves, sleep, restarts, contradictions."""

from __future__ import annotations

from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.model import Notice

STUCK = Notice(
    STALLED.id, "warning", "health",
    "The queue may be stuck",
    "A request larger than the whole KV cache blocks the queue, or the engine has stopped.",
    "Read a second page some seconds later: if it shows no new token, the engine is stalled.",
    STALLED.alert,
)  # fmt: skip
OLD_GAUGE = Notice(
    "nothing_moves", "warning", "health",
    "Requests seem to run, but nothing moves",
    "vLLM writes its gauges at each step: when the last client disconnects, the number stays until the next request. Or "
    "the engine hangs.",
    "Send one request: if the engine answers, the number was old; if not, it is stalled.",
)  # fmt: skip
ASLEEP = Notice(
    "asleep", "info", "health",
    "An engine sleeps",
    "It was put to sleep (POST /sleep), so that others can use the GPU's memory; it runs nothing until it is woken.",
    "Wake it up (POST /wake_up) before requests come; it loads what it discarded first.",
)  # fmt: skip
AWAITED = Notice(
    "asleep_with_requests", "warning", "health",
    "Requests wait for an engine that sleeps",
    "Something still sends requests to an engine that was put to sleep, or nobody woke it up.",
    "Wake it up (POST /wake_up), or take it out of the router until it is awake.",
)  # fmt: skip
PAUSED = Notice(
    "weights_update", "info", "health",
    "Weights are being updated",
    "An engine is paused while its weights are replaced: nothing moves until that is done.",
)  # fmt: skip
RESTARTED = Notice("restarted", "info", "health", "The server restarted between the two pages")
HISTOGRAM = Notice("inconsistent_histogram", "info", "health", "A histogram contradicts itself")
SAMPLES = Notice("inconsistent_samples", "info", "health", "Samples that can't be right")

ALL: tuple[Notice, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Notice))
