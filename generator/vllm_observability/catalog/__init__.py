"""The catalogue: facts, as data. Metrics, the questions asked of them, the bounds on the answers, and the boards."""
