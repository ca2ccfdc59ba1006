"""What stands beside an engine: its GPUs, as an exporter shows them, and its pod, as kube-state-metrics does.

None of it is vLLM's, and all of it is optional: rules, alerts and a board are there where the setting `gpu_join_label`
names the label by which exporters name the pod. `rules/beside.py` joins; what it records is asked for here by name.

Where the facts are from:
- NVIDIA's DCGM exporter, `etc/default-counters.csv`: power in watts, temperature in degrees Celsius, memory in MiB and
  the last Xid are in its default list, the reasons for lower clocks are not and need a line there. Labels `gpu`, `UUID`,
  `Hostname`, and with Kubernetes `namespace`, `pod`, `container`; Prometheus makes `exported_pod` and so on of these
  where the exporter's own target has such labels and the scrape job no `honor_labels`.
- DCGM_FI_DEV_XID_ERRORS keeps the last code until the exporter restarts (NVIDIA/dcgm-exporter#500, NVIDIA/DCGM#277),
  so what counts is that it changed. Newer exporters add the code as a label (`err_code`, #309), and some show the
  series from the first Xid on only.
- DCGM_FI_DEV_CLOCKS_EVENT_REASONS, before DCGM 3.3 DCGM_FI_DEV_CLOCK_THROTTLE_REASONS, is NVML's mask of
  nvmlClocksEventReasons: 0x8 slowed by hardware, 0x20 by software because of heat, 0x40 by hardware because of heat,
  0x80 by the power brake. 0x1 (idle) and 0x4 (power cap) are normal at work and count for nothing.
- AMD's device metrics exporter, `docs/configuration/metricslist.md`: power in watts (GPU_PACKAGE_POWER on MI3xx,
  GPU_AVERAGE_PACKAGE_POWER on MI2xx), GPU_JUNCTION_TEMPERATURE and GPU_EDGE_TEMPERATURE, GPU_USED_VRAM and
  GPU_TOTAL_VRAM in MB, GPU_VIOLATION_…_RESIDENCY_PERCENTAGE, GPU_ECC_UNCORRECT_TOTAL; names in lower case, with the
  prefix of its setting MetricsFieldPrefix, `amd_` in its packaged configuration. Labels `gpu_id`, `serial_number`,
  `hostname`, and `pod`, `namespace`, `container` of the workload.
- kube-state-metrics, `docs/metrics/workload/pod-metrics.md`: kube_pod_container_status_restarts_total,
  kube_pod_container_status_last_terminated_reason and kube_pod_status_reason, which outlives the evicted pod's
  containers; labels `namespace`, `pod`, `reason`.
"""

from __future__ import annotations

from vllm_observability.model import Bound, ByName, Check, Condition, Signal, Unit

_AMD = ("", "amd_")  # without a prefix, and with that of the packaged configuration


def _amd(*names: str) -> tuple[str, ...]:
    return tuple(prefix + name for name in names for prefix in _AMD)


# Alternatives, of which a GPU shows one.
POWER = ("DCGM_FI_DEV_POWER_USAGE", *_amd("gpu_package_power", "gpu_average_package_power"))
TEMPERATURE = ("DCGM_FI_DEV_GPU_TEMP", *_amd("gpu_junction_temperature", "gpu_edge_temperature"))
MEMORY_USED = ("DCGM_FI_DEV_FB_USED", *_amd("gpu_used_vram"))
MEMORY_FREE = ("DCGM_FI_DEV_FB_FREE",)
MEMORY_TOTAL = _amd("gpu_total_vram")
XID = ("DCGM_FI_DEV_XID_ERRORS",)
CLOCK_REASONS = ("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS")
VIOLATIONS = _amd(
    *(
        f"gpu_violation_{why}_residency_percentage"
        for why in ("processor_hot", "socket_thermal", "vr_thermal", "hbm_thermal")
    )
)
UNCORRECTABLE = _amd("gpu_ecc_uncorrect_total")
RESTARTS = ("kube_pod_container_status_restarts_total",)
TERMINATED = ("kube_pod_container_status_last_terminated_reason",)
POD_REASON = ("kube_pod_status_reason",)
# What tells one GPU from another, in either exporter.
DEVICE = ("UUID", "gpu_id", "serial_number")

NO_GPU = "no series of a GPU names a pod of an engine (vllm-obs doctor says why)"
NO_POD = "kube-state-metrics is not scraped, or names no pod of an engine"
POD = "engine:vllm_pod:info"  # which pod each server is in


def _signal(id: str, record: str, unit: Unit, title: str, meaning: str, of: tuple[str, ...], nothing: str) -> Signal:
    return Signal(
        id,
        ByName(f"engine:vllm_{record}", of=of),
        unit,
        title,
        meaning,
        levels=("target",),
        figure=False,
        nothing=nothing,
    )


GPU_POWER = _signal(
    "gpu_power_watts",
    "gpu_power_watts:sum",
    Unit.WATTS,
    "GPU power",
    "Power draw of a server's GPUs, added up.",
    POWER,
    NO_GPU,
)
GPU_TEMPERATURE = _signal(
    "gpu_temperature_celsius",
    "gpu_temperature_celsius:max",
    Unit.CELSIUS,
    "GPU temperature",
    "Temperature of a server's hottest GPU.",
    TEMPERATURE,
    NO_GPU,
)
GPU_MEMORY = _signal(
    "gpu_memory_used_ratio",
    "gpu_memory_used:ratio",
    Unit.RATIO,
    "GPU memory used",
    "Share of the memory of a server's GPUs that is in use. vLLM takes its share at the start, so it hardly moves.",
    (*MEMORY_USED, *MEMORY_FREE, *MEMORY_TOTAL),
    NO_GPU,
)
GPU_THROTTLED = _signal(
    "gpu_throttled_ratio",
    "gpu_throttled:ratio5m",
    Unit.RATIO,
    "GPU throttled",
    "Share of five minutes in which heat, the power brake or a fault slowed the server's slowest GPU; a power cap does not count.",
    (*CLOCK_REASONS, *VIOLATIONS),
    "the exporter shows no reasons for lower clocks (vllm-obs doctor says what to add)",
)
GPU_FAULT = _signal(
    "gpu_fault",
    "gpu_fault:last15m",
    Unit.NONE,
    "GPU fault",
    "A fault of the last 15 minutes: the Xid code of an NVIDIA GPU, or so many uncorrectable memory errors of an AMD GPU.",
    (*XID, *UNCORRECTABLE),
    f"the exporter shows no faults, or only from the first one on, or {NO_GPU}",
)
GPU_ENERGY = _signal(
    "gpu_joules_per_output_token",
    "gpu_energy_per_token:joules",
    Unit.JOULES,
    "Energy per output token",
    "Power of a server's GPUs, divided by the output tokens per second that it makes.",
    POWER,
    f"{NO_GPU}, or no traffic",
)
POD_RESTARTS = _signal(
    "pod_restarts",
    "pod_restarts:increase1h",
    Unit.COUNT,
    "Container restarts in an hour",
    "How often containers of the server's pod were started again.",
    RESTARTS,
    NO_POD,
)
POD_OOM = _signal(
    "pod_oom_killed",
    "pod_oom_killed:last1h",
    Unit.COUNT,
    "Killed for memory in an hour",
    "1: a container of the server's pod was killed because it took more memory of the host than it may.",
    (*TERMINATED, *RESTARTS),
    NO_POD,
)
POD_EVICTED = _signal(
    "pod_evicted",
    "pod_evicted:last1h",
    Unit.COUNT,
    "Evicted in an hour",
    "1: the server's pod was evicted, because its node ran short of memory or disk.",
    POD_REASON,
    NO_POD,
)

FAULT = Check(
    "gpu_fault",
    "VllmGpuFault",
    "health",
    GPU_FAULT,
    ">",
    (
        Bound(
            "warning",
            None,
            "1m",
            "the exporter goes on showing the last code, so only a new one counts",
            when=(Condition(GPU_FAULT, ">", 0, "0 says that the exporter shows faults and there was none"),),
        ),
    ),
    title="A GPU reports a fault",
    summary="A GPU of a vLLM server reported a fault.",
    description="A GPU of {{ $labels.instance }} ({{ $labels.model_name }}, gpu_join_label "
    "{{ $labels.gpu_join_label }}) reported a fault: Xid {{ $value }} if it is one of "
    "NVIDIA's, else so many uncorrectable memory errors.",
    cause="Faulty memory, a GPU that fell off the bus, a broken link, or a kernel that read where it must not.",
    advice="Look the Xid up, drain the server, and move it to another node where the hardware is at fault.",
    level="target",
)
THROTTLED = Check(
    "gpu_throttled",
    "VllmGpuThrottled",
    "performance",
    GPU_THROTTLED,
    ">",
    (Bound("warning", 0.5, "10m", "half of the time for ten minutes is no passing peak, and slows every token"),),
    title="A GPU is throttled",
    summary="A GPU of a vLLM server is slowed by heat or by its power supply.",
    description="A GPU of {{ $labels.instance }} ({{ $labels.model_name }}, gpu_join_label "
    "{{ $labels.gpu_join_label }}) was slowed for {value} of the last five minutes (threshold {bound}).",
    cause="Cooling that fails, a hot neighbour, a power supply at its limit, or a damaged GPU.",
    advice="Compare temperature and power with the GPUs beside it; drain the server until the node is cool.",
    level="target",
)

SIGNALS: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
CHECKS: tuple[Check, ...] = (FAULT, THROTTLED)
