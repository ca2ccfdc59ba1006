"""What a report notices on pages without a bound: a queue that nothing serves, sleep, restarts, contradictions."""

from __future__ import annotations

from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.model import Notice

STUCK = Notice(
    STALLED.id, "warning", "health",
    "The queue may be stuck",
    "A request larger than the whole KV cache blocks the queue, or the engine has stopped.",
    "Take a second page some seconds later: if no token was made, the engine is stalled.",
    STALLED.alert,
)  # fmt: skip
OLD_GAUGE = Notice(
    "nothing_moves", "warning", "health",
    "Requests are said to run, but nothing moves",
    "vLLM writes its gauges at steps: when the last client goes, the number stays until the next request. Or the engine "
    "hangs.",
    "Send one request: if it is answered, the number was old; if not, the engine is stalled.",
)  # fmt: skip
ASLEEP = Notice(
    "asleep", "info", "health",
    "An engine sleeps",
    "It was put to sleep (POST /sleep), so that others can use the GPU's memory; until it is woken it runs nothing.",
    "Wake it up (POST /wake_up) before requests come; what was discarded has to be loaded again first.",
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
