"""Made-up exporters beside a made-up fleet, as OpenMetrics text: of two GPUs in each server's pod, and of the pod."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from harness.history import Replica
from harness.programs import openmetrics_line

MEMORY = 81_920.0  # MiB of one GPU
HW_HEAT = 0x40  # of NVML's reasons for a lower clock
EACH_POD = {"container": "vllm"}


def exporters(replicas: Iterable[Replica], end: float, minutes: int, step: int = 30) -> str:
    """NVIDIA's exporter and kube-state-metrics up to `end`.

    Of a replica whose incident is `hot` GPUs slow down; one that is `killed` starts again.
    """
    count = minutes * 60 // step + 1
    lines: dict[str, list[str]] = defaultdict(list)
    for replica in replicas:
        pod = {**EACH_POD, "namespace": replica.namespace, "pod": replica.pod}
        for i in range(count):
            at, through = end - (count - 1 - i) * step, i / count
            incident = replica.incident if through >= 0.6 else ""
            for name, labels, value in (*_gpus(replica, through, incident), *_pod(incident)):
                lines[name].append(openmetrics_line(name, {**pod, **labels}, value, at))
    return "".join(line for group in lines.values() for line in group)


def _gpus(replica: Replica, through: float, incident: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    busy = 0.5 + 0.3 * replica.load * math.sin(2 * math.pi * 2 * through)
    hot = incident == "hot"
    for gpu in "01":
        labels = {"job": "dcgm", "gpu": gpu, "UUID": f"GPU-{replica.pod}-{gpu}"}
        yield "DCGM_FI_DEV_POWER_USAGE", labels, 150 + 450 * busy
        yield "DCGM_FI_DEV_GPU_TEMP", labels, 88.0 if hot else 45 + 25 * busy
        yield "DCGM_FI_DEV_FB_USED", labels, 0.9 * MEMORY
        yield "DCGM_FI_DEV_FB_FREE", labels, 0.1 * MEMORY
        yield "DCGM_FI_DEV_CLOCKS_EVENT_REASONS", labels, HW_HEAT if hot else 0.0
        yield "DCGM_FI_DEV_XID_ERRORS", labels, 79.0 if hot and gpu == "1" and through >= 0.95 else 0.0


def _pod(incident: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    killed, labels = float(incident == "killed"), {"job": "kube-state-metrics"}
    yield "kube_pod_container_status_restarts_total", labels, 2 * killed
    yield "kube_pod_container_status_last_terminated_reason", {**labels, "reason": "OOMKilled"}, killed
    yield "kube_pod_status_reason", {**labels, "reason": "Evicted"}, 0.0
