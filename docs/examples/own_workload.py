"""A workload: a task, its inputs at two scales, and what must come out.

python -m bench run --workload own_workload.py
"""

import json

from bench import workload


@workload(
    inputs=lambda size, rng: [{"number": n, "values": [rng.random() for _ in range(size)]} for n in range(24)],
    scales={"quick": 1_000, "standard": 5_000},
    expect=list,
)
def documents(document):
    """Write documents as JSON and read them again."""
    return json.loads(json.dumps(document))
