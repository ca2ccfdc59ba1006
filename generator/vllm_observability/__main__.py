"""`vllm-obs`, and `python -m vllm_observability`."""

import gc

# A command lives for half a second: looking for garbage would take an eighth of it, and memory ends with the process.
gc.disable()

from vllm_observability.command.cli import main  # noqa: E402

__all__ = ["main"]

if __name__ == "__main__":
    main()
