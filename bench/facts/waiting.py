"""Whether work waits: it uses little of a core, and its tasks give the CPU away themselves."""

WAITS_BELOW = 0.2
"""Of a core: work that uses less, one task after another, may wait."""


def gives_way(switches: float | None, tasks: int | None) -> bool:
    """Whether a call has a voluntary switch for each of its tasks, as far as is known.

    On a busy machine work that computes uses little of a core, too; but it is preempted, and gives nothing away. In the published
    run a round of work that waits has a voluntary switch a task and more, and one that computes has one.

    Args:
        switches: voluntary ones of a call; None where nobody knows.
        tasks: of a call.
    """
    return switches is None or not tasks or switches >= tasks
