"""How many results of a block were compared with those of a plain loop, in words. Light: the command loads it while it measures."""

from bench.records.block import Block, Outcome


def shortfall(block: Block) -> str:
    """How many results were compared with a plain loop's, where that is not all of them; else empty."""
    if block.outcome is not Outcome.OK or block.compared is None or block.compared >= (block.tasks or 0):
        return ""
    return (
        f"results of {block.compared} of {block.tasks} inputs were compared with a plain loop's; "
        "there was no time for more"
    )
