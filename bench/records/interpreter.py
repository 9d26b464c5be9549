"""The record of an interpreter, where a run compares several."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One of them; cases name it."""

    name: str
    """As `Case.python` has it: `cpython-3.13.0t`, or what the user calls it, with what is set for it."""
    asked: str
    """What the user asked for; of a path the file's name alone."""
    facts: dict[str, str]
    """What tells it from others (`bench.machine.interpreter`)."""
    packages: dict[str, str] = field(default_factory=dict)
    """Versions of the distributions that workloads and strategies have brought there."""
    settings: dict[str, str] = field(default_factory=dict)
    """What was asked for besides: `gil` and `jit`, `on` or `off`."""
