"""What a check compares: its two arms, and when one counts as slower."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the two sides of a gate."""

    name: str
    """`base` or `head`."""
    label: str
    """What the user called it: a revision, an interpreter, `working tree`."""
    commit: str | None
    """What was checked out, with a `+` where what is not committed was too; None where nothing was."""
    facts: dict[str, str]
    """What differs between interpreters: `python`, `build`, `compiler`, `gil`, `start method`."""
    packages: dict[str, str] = field(default_factory=dict)
    """Versions of the distributions that its workloads brought."""
    python: str = ""  # the interpreter, as the user named it; empty for the command's own


@dataclass(frozen=True, slots=True)
class Gate:
    """What a run that compares two arms decides, and by which rule."""

    arms: list[Arm]
    """The base, and then the head."""
    quantities: list[str]
    """What is compared: `time`, `cpu`, `memory`."""
    tolerances: dict[str, float]
    """By case key, how much of a change is none: 0.02 is 2 %."""
    alpha: float
    """How often identical code may get any false verdict in such a run."""
    budget_s: float
    """For the whole command; earlier versions had it for each case, and had no `setup`."""
    accepted: list[str]
    """Verdicts that pass besides `improved` and `equivalent`."""
    one_sided: dict[str, str] = field(default_factory=dict)
    """By case key, the name of the only arm that has the case."""
    broken: dict[str, str] = field(default_factory=dict)
    """By case key, why an arm that should have the case cannot run it."""
    notes: list[str] = field(default_factory=list)
    """What a reader has to know of the arms, such as that both have the same code."""
    across: bool = False  # whether the arms may run in unequal environments, because that is the question
    setup: str | None = None  # the SHA-256 of what built each arm, empty for nothing; None in files of earlier versions
    suite: list[str] = field(default_factory=list)
    """What pytest is given, where the cases are benchmarks of a suite of pytest-benchmark; empty in other gates. No round of theirs is a cold one."""
