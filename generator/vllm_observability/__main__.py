"""`python -m vllm_observability` is `vllm-obs`."""

from vllm_observability.cli import main

if __name__ == "__main__":
    main()
