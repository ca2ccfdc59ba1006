"""The built wheel under every supported Python that is here: installed alone, with what the lock pins, and used.

A slower check. Pythons are found on PATH and among pyenv's; one at least beside that of this environment is wanted only
where the machine has it, and the last line says which were run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.programs import ROOT

MINORS = (10, 11, 12, 13)
USES = (
    ("--version",),
    ("analyze", str(ROOT / "examples/vllm-0.32.0.txt"), "--format", "html"),
    ("doctor", str(ROOT / "examples/vllm-0.32.0.txt"), "--redact"),
    ("explain", "VllmKvCacheUsageHigh"),
    ("simulate", "--list"),
    ("build", "--check", "--out", str(ROOT)),
)
FINE = {"doctor": (0, 1)}


def pythons() -> dict[int, Path]:
    """Minor version -> interpreter."""
    found = {}
    for minor in MINORS:
        own = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        places = [shutil.which(f"python3.{minor}"), *own]
        for place in filter(None, places):
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
            if f" 3.{minor}." in said.stdout:
                found[minor] = Path(place)
                break
    return found


def used(python: Path, wheel: Path, folder: Path) -> list[str]:
    """What goes wrong in a fresh environment."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements/runtime.lock"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    faults = []
    for use in USES:
        done = subprocess.run([folder / "bin/vllm-obs", *use], capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode not in FINE.get(use[0], (0,)) or "Warning" in done.stderr:
            faults.append(f"{use[0]}: {done.returncode}\n{done.stderr[-500:]}")
    return faults


def main() -> int:
    """1 where any Python fails."""
    found, failed = pythons(), 0
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", scratch]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        (wheel,) = Path(scratch).glob("*.whl")
        for minor, python in found.items():
            faults = used(python, wheel, Path(scratch, f"v{minor}"))
            failed += bool(faults)
            sys.stdout.write("".join(f"3.{minor}: {fault}\n" for fault in faults))
    sys.stdout.write(f"ran under {', '.join(f'3.{minor}' for minor in found) or 'no Python'}, {failed} failed\n")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
