"""The real vLLM as a process: started small enough to be overrun, frozen, ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model import MODEL_LENGTH

from harness.processes import free_port, process

NAME = "acme/tiny"
SEQUENCES = 4  # more requests than these wait
# 32 blocks of 32 tokens: two requests of full length fill the cache, so four are preempted.
LIMITS = (
    "--max-model-len", str(MODEL_LENGTH), "--max-num-seqs", str(SEQUENCES), "--block-size", "32",
    "--num-gpu-blocks-override", "32",
)  # fmt: skip
START_SECONDS = 480  # nearly all of it imports: 40 on an idle machine with two cores, ten times that on a busy one


@dataclass(frozen=True)
class Vllm:
    """A running server."""

    address: str
    pid: int

    @property
    def metrics(self) -> str:
        """The page."""
        return f"http://{self.address}/metrics"

    @contextmanager
    def frozen_engine(self) -> Iterator[None]:
        """The engine's process stopped, as by a hung GPU; the API server lives on and shows its last figures."""
        engine = _engine_of(self.pid)
        os.kill(engine, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(engine, signal.SIGCONT)


@contextmanager
def vllm(python: Path, model: Path, log: Path, *flags: str) -> Iterator[Vllm]:
    """A server that is ready for requests; it ends with the block."""
    address = f"127.0.0.1:{free_port()}"
    host, port = address.split(":")
    command: list[str | Path] = [
        # It takes every core it gets. Who watches it comes first here, as elsewhere with machines of its own.
        "nice", "-n", "10",
        python, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model), "--served-model-name", NAME,
        "--load-format", "dummy", "--dtype", "float32", "--enforce-eager", "--host", host, "--port", port,
        *LIMITS, *flags,
    ]  # fmt: skip
    environment = {
        **os.environ, "HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1",
        "PYTHONPATH": "", "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # two servers would share one processor
    }  # fmt: skip
    with process(command, log, f"http://{address}/health", START_SECONDS, environment) as running:
        yield Vllm(address, running.pid)


def _engine_of(server: int) -> int:
    """The child that holds the model: of vLLM's processes the one that calls itself so."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == server and b"EngineCore" in words:
            return int(folder.name)
    raise AssertionError("vLLM has no process that is called EngineCore")
