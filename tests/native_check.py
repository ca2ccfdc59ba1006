"""A conversion in the middle: one Prometheus scrapes a fleet first classic, then half of it natively, then all of it.

One of the slower checks. With rules and boards of `histograms: both` no alert fires, no panel that had data loses it at
any step, and budgets count events throughout.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from harness import boardlint
from harness.cost import asked
from harness.programs import Server, prometheus_lines, write_rules
from harness.remote import values
from harness.stack import fleet, prometheus
from test_native_server import Stack, configured
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.simulate.show import Plain, plain

SETTINGS = parse({"histograms": "both", "scrape_interval": "1s", "evaluation_interval": "1s", "rate_window": "20s"})
SETTLED, SECONDS = 75, 45  # until rates and budgets have their windows; of each form of storage
STEP = 1
# Panels that read no histogram, and may lose their data at any time.
MAY_END = {"KV cache full in": "usage falls"}


def main() -> int:
    """1 where something is lost."""
    files = artefacts(SETTINGS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        rules = write_rules(files, folder / "rules")
        arguments = ["--enable-feature=native-histograms", "--web.enable-lifecycle"]
        with fleet(plain(Plain(2, 1, 8.0, "8b-datacentre", "0.33.0"), 1.0)) as address:
            sd = f"http://{address}/sd"
            config = configured(sd, "classic", [str(path) for path in rules])
            with prometheus(config, folder / "p", line=prometheus_lines()[-1], arguments=arguments) as url:
                stack = Stack(url, folder / "p/prometheus.yml", sd, {"both": rules})
                time.sleep(SETTLED)
                begun = stack.api.now()
                for jobs in ("half", "native"):
                    stack.use(jobs, "both")
                    time.sleep(SECONDS)
                ended = stack.api.now()
                with httpx.Client(trust_env=False, timeout=60) as client:
                    faults = list(_faults(Server(url, client), files, begun, ended))
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.stdout.write(f"converted within {ended - begun:.0f} s, {len(faults)} faults\n")
    return 1 if faults else 0


def _faults(server: Server, files: dict[str, str], begun: float, ended: float) -> Iterator[str]:
    for labels in values(server, 'ALERTS{alertstate="firing"}', begun, ended, STEP):
        yield f"fires: {dict(labels)}"
    for what in ("engine:vllm_time_to_first_token_seconds_count:rate20s", "model:vllm_slo_ttft_total:rate20s"):
        for labels, samples in values(server, what, begun, ended, STEP).items():
            if missing := _missing(set(samples), begun, ended):
                yield f"{dict(labels)}: nothing at {missing}"
    asked_for = 0
    for path in sorted(path for path in files if path.startswith("dashboards/") and path.endswith(".json")):
        for panel, expr in boardlint.queries(json.loads(files[path])):
            text = asked(expr, {"$__rate_interval": "20s", "$__range": "60s"})
            answers = values(server, text, begun - 5, ended, STEP).values()
            there = {round(at, 3) for samples in answers for at in samples}
            before = [begun - 5 + n * STEP for n in range(5)]
            if panel["title"] not in MAY_END and all(round(at, 3) in there for at in before):
                asked_for += 1
                if missing := _missing(there, begun, ended):
                    yield f"{path}, {panel['title']}: nothing at {missing[:5]}, {len(missing)} steps"
    if asked_for < 100:
        yield f"only {asked_for} queries had data before the conversion"


def _missing(there: set[float], begun: float, ended: float) -> list[int]:
    rounded = {round(at, 3) for at in there}
    steps = [begun + n * STEP for n in range(int((ended - begun) / STEP))]
    return [round(at - begun) for at in steps if round(at, 3) not in rounded]


if __name__ == "__main__":
    sys.exit(main())
