"""An environment with the real vLLM in `.tools/vllm`: the released build for CPUs, every version pinned.

Two gigabytes, half a minute with a filled cache. It is apart from the project's own environment, which must never
depend on what an inference server needs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / ".tools/vllm"
REQUIREMENTS = HERE / "requirements.txt"
PYTHON = HOME / "bin/python"
# On most machines PyPI's torch is the one for CUDA, four times the size; this index has the one for CPUs.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


class NotHere(Exception):
    """The real vLLM can't be had on this machine; the message says why."""


def install() -> Path:
    """The Python of an environment that holds vLLM; at once where it is there already."""
    stamp, wanted = HOME / "installed", hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return PYTHON
    if sys.platform != "linux" or "avx2" not in Path("/proc/cpuinfo").read_text():
        raise NotHere("vLLM's build for CPUs needs Linux on a processor with AVX2")
    if shutil.disk_usage(HERE).free < 5e9:
        raise NotHere("5 GB of disk are needed, less is free")
    print(f"Installing vLLM into {HOME} (2 GB) …", flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(HOME))
    _run(str(PYTHON), "-m", "pip", "install", "--quiet", "uv")
    # Nothing is resolved: the file names everything, and leaves out what a text model on a CPU does not need
    # (torchvision, torchaudio and triton, whose builds are for CUDA).
    command = [str(HOME / "bin/uv"), "pip", "install", "--quiet", "--python", str(PYTHON), "--no-deps"]
    command += ["--index-strategy", "unsafe-best-match", "--requirement", str(REQUIREMENTS)]
    environment = {**_pip_sources(), **os.environ}
    torch = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("torch=="))
    try:
        _run(*command, f"{torch}+cpu", environment=environment)
    except NotHere as first:
        try:
            _run(*command, "--index", TORCH_INDEX, f"{torch}+cpu", environment=environment)
        except NotHere:
            raise first from None
    stamp.write_text(wanted)
    return PYTHON


def _pip_sources() -> dict[str, str]:
    """Where pip is told to look, for uv does not read pip's configuration."""
    said = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    options = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        options[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", " ")
    names = {"index-url": "UV_DEFAULT_INDEX", "find-links": "UV_FIND_LINKS", "extra-index-url": "UV_INDEX"}
    return {ours: options[theirs] for theirs, ours in names.items() if theirs in options} | {"UV_SYSTEM_CERTS": "1"}


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise NotHere(f"{Path(command[0]).name} failed: {' '.join(words[-3:])}")


if __name__ == "__main__":
    try:
        install()
    except NotHere as error:
        sys.exit(f"The real vLLM is not to be had here: {error}.")
