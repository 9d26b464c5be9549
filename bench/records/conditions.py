"""What holds for every block of a run, whatever its case."""

from dataclasses import dataclass, field

from bench.records.option import option


@dataclass(frozen=True, slots=True)
class Conditions:
    """How cases are measured: what the command line sets, what a plan states, and what every process that measures is told.

    A field that is added here with an option is in the commands, in the requests to hosts and in run files.
    """

    seed: int = field(
        metadata=option("Decides inputs and order.", kind="seed", default=1, shows_default=True, is_of_cases=False)
    )
    budget_s: float | None
    """The time for the whole command, where there is a limit."""
    time_limit_s: float = field(
        metadata=option("For one block (60s; 20s at scale quick, 30m at article).", kind="duration", is_of_cases=False)
    )
    sample_hz: float = field(
        metadata=option(
            "Samples of CPU and memory a second; 0 for none.",
            kind="frequency",
            default=20.0,
            shows_default=True,
            is_of_cases=False,
        )
    )
    sampler: str = field(
        default="auto",
        metadata=option(
            "What reads the processes: Linux's /proc, or psutil.",
            kind="sampler",
            shows_default=True,
            is_of_cases=False,
        ),
    )
    accounting: str = field(
        default="cgroup",
        metadata=option(
            "The most exact layer of totals that may be used; see doctor.",
            kind="layer",
            shows_default=True,
            is_of_cases=False,
        ),
    )
    close: float | None = field(
        default=None,
        metadata=option(
            "How far floats in equal results may be apart: 1e-9 (not at all).", kind="tolerance", metavar="SHARE"
        ),
    )
    """None where they have to be equal."""
    fresh_rounds: int = 0
    """Rounds of each block, where each gets inputs that the block has not seen; 0 where all get the same."""
    star: bool = field(
        default=False,
        metadata=option(
            "Your function takes several arguments: each input is a list of them, or an object of named ones."
        ),
    )
