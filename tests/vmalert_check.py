"""vmalert takes the emitted rules: run as a script by the slower checks, after `tools/fetch_tools.py vmalert`."""

from __future__ import annotations

import subprocess
import sys

from harness.programs import ROOT, tool


def main() -> int:
    """Exit 0 where `vmalert -dryRun` accepts both rule files."""
    files = sorted((ROOT / "alerts").glob("*.yaml"))
    command = [tool("vmalert"), "-dryRun", *(f"-rule={path}" for path in files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(
        f"vmalert -dryRun over {len(files)} files: {'accepted' if done.returncode == 0 else done.stderr}\n"
    )
    return done.returncode or len(files) < 2


if __name__ == "__main__":
    sys.exit(main())
