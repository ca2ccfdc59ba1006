"""Runbooks of what stands beside engines; their pages are there where the settings join GPUs to engines."""

from __future__ import annotations

from vllm_observability.catalog import beside as g
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks.record import Action, Query, Runbook, Step
from vllm_observability.model import Raw, Unit

# Filled in when the page is written: how exporters name the pod, and a place for the one of the alert.
_OF = "{gpu_join_label}"
_USED = '{{{gpu_join_label}=~".+"}}'
_UNSEEN = "no series of NVIDIA's has this value of `{gpu_join_label}` (write the alert's own, and no other label), or "

_CODES = Query(
    "The last Xid of each GPU, as its exporter shows it", Unit.NONE,
    Raw(f"max by (Hostname, gpu, UUID, modelName, {_OF}) ({g.XID[0]}{_USED}) > 0"), "GPU",
)
_REASONS = Query(
    "The mask of reasons for lower clocks, of each GPU", Unit.NONE,
    Raw(
        f"max by (Hostname, gpu, UUID, modelName, {_OF}) ("
        + " or ".join(name + _USED for name in g.CLOCK_REASONS) + ")"
    ), "GPU",
)

_HOT = Query(
    "Temperature of each GPU",
    Unit.CELSIUS,
    Raw(f"max by (Hostname, hostname, gpu, gpu_id, {_OF}) ({' or '.join(g.TEMPERATURE)})"),
    "GPU",
)

FAULT = Runbook(
    "VllmGpuFault",
    meaning="""
    A GPU that a vLLM server uses told its driver of a fault within the last 15 minutes. NVIDIA's driver calls it an Xid
    and gives it a number, which is the alert's value; of AMD's GPUs the value is how many uncorrectable memory errors
    came within 15 minutes.

    The exporter shows the last Xid until it restarts, so only a change is told: the same code twice in a row is seen once.
    Where several servers share a pod, each of them is named, because nothing says whose GPU it is.
    """,
    impact="""
    It depends on the code. Some end the process that ran into them (13, 31, 43: a kernel of a program read or wrote where
    it must not; vLLM restarts). Others mean that the hardware is at fault (48, 63, 64, 94, 95: memory; 74: NVLink; 79: the
    GPU fell off the bus; 119, 120: its firmware hangs), and answers may be wrong, or the engine hangs until the node is
    repaired.
    """,
    event="the exporter shows another Xid than 15 minutes before, or more uncorrectable memory errors",
    diagnosis=(
        Step(
            "Which GPU, on which node, with which code?", _CODES, (
                ("48, 63, 64, 79, 94, 95, 74, 119, 120", "hardware: drain the server and its node"),
                ("13, 31, 43, 45", "most likely the program: look at the end of vLLM's log, and whether it comes back after a restart"),
                ("No row", _UNSEEN + "it is an AMD GPU: look at its memory errors on the node (`amd-smi metric --ecc`)"),
            ), "target",
        ),
        Step(
            "Does its server still work?", s.RUNNING, (
                ("Running, and steps per second above 0", "it does, for now: move the load before it ends"),
                ("Running, and no steps", "it hangs: VllmEngineStalled"),
                ("Nothing", "it ended: VllmTargetDown, or VllmRestarting if it comes back and ends again"),
            ), "engine",
        ),
        Step(
            "Are its answers wrong?", f.CORRUPTED, (
                ("Above 0", "NaN in its answers: take it out of the router at once (VllmCorruptedRequests)"),
                ("0 or nothing", "nothing is known of wrong answers"),
            ),
        ),
    ),
    mitigation=(
        Action("Take the server out of the router.", "one replica less"),
        Action("Cordon the node and start the pod elsewhere; reset the GPU or reboot the node (`nvidia-smi --gpu-reset`).", "minutes to load, and every other pod on that node"),
        Action("If the same code comes back on the same GPU, have it replaced.", "a node less until then"),
    ),
    leave_alone="when it was a single 13, 31 or 43 and the server works again: a program's fault that came once.",
)

THROTTLED = Runbook(
    "VllmGpuThrottled",
    meaning="""
    A GPU of the server ran with lower clocks for most of the last minutes because it was too hot, because the power brake
    of its node was pulled, or because its hardware slowed it. The number is the share of five minutes, of the GPU that was
    slowed longest. A power cap does not count, because a GPU at work is normally at its cap.

    NVIDIA's exporter shows the reasons only where its list of metrics has a line for them. AMD's shows shares of time.
    """,
    impact="""
    All requests on the server are slower, in both prefill and decode. With tensor parallelism one slow GPU slows all of
    the server's GPUs, so the whole server runs at its pace.
    """,
    diagnosis=(
        Step(
            "Why, and which GPU?", _REASONS, (
                ("64 or 32 in the sum", "heat: compare its temperature with the GPUs beside it"),
                ("128 in the sum", "the power brake: the node's power supply is at its limit"),
                ("8 alone", "the hardware slows itself: look for an Xid (VllmGpuFault)"),
                ("No row", _UNSEEN + "it is an AMD GPU: look at its violations on the node (`amd-smi metric --violation`)"),
            ), "target",
        ),
        Step(
            "Is it hotter than the GPUs beside it?",
            _HOT,
            (
                ("Far above its neighbours", "its own cooling: have it looked at"),
                ("All of the node are hot", "the node's fans or the air of the room"),
                ("As warm as the others", "not heat: its power supply, or the GPU itself"),
            ),
            "target",
        ),
        Step(
            "Is its engine slower than the others of its model?", f.OUTLIER_ITL, (
                ("Above 1.2", "users feel it: take it out of the router"),
                ("About 1", "not yet, or all of them are slowed: look at the whole rack"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Lower the server's weight in the router, or take it out.", "one replica less"),
        Action("Move the pod to a cooler node.", "minutes to load, an empty cache there"),
        Action("Set a lower power limit (`nvidia-smi --power-limit`) until the node is repaired.", "slower, but evenly so"),
    ),
    leave_alone="when the machine room is known to be warm for an hour and latencies are within their thresholds.",
)
