"""A simulated vLLM fleet: continuous batching, KV blocks, prefix cache, preemption; and the page of each server.

`hardware` says how fast an engine is, `traffic` what it is asked, `engine` what happens then, `ledger` what was
counted, `exposition` how a vLLM version would show it, `server` and `fleet` put them together, `story` reads an
incident's file, and `serve` answers on HTTP. Time is a number of seconds that only `run` moves: as fast as the machine
can, or in step with a clock.
"""
