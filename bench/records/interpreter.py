"""The record of an interpreter, where a run compares several."""

from collections.abc import Mapping
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

    @property
    def is_free_threaded(self) -> bool:
        """Whether its build can run without the GIL."""
        return self.facts["python"].endswith("t")

    @property
    def has_gil(self) -> bool:
        """Whether it runs with the GIL before anything is imported."""
        return self.facts["gil"] == "on"

    @property
    def version(self) -> str:
        """Implementation and version, whatever the build: `cpython-3.13.0`."""
        return self.facts["python"].removesuffix("t")

    @property
    def binary(self) -> str:
        """Its name without what is set for it: what two have in common that are one program."""
        return self.name.removesuffix(suffix(self.settings))


def suffix(settings: Mapping[str, str]) -> str:
    """What a name ends with where these are set."""
    return "".join(f",{name}={value}" for name, value in settings.items())
