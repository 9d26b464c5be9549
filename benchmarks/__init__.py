"""What the harness itself costs, beside a peer or a hand-written script. `make benchmarks` runs them all."""
