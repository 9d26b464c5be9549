"""The code that a lesson measured: the functions of its workload and its strategies, as they stand in the tool's own files."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from bench.analysis.tour.lessons import Lesson
from bench.plugins import registry, sources
from bench.strategies import BUILT_IN
from bench.strategies.serial import run_in_order
from bench.strategies.shared_states import InterruptedItems, Items, Values
from bench.strategies.sharing import make_updates
from bench.strategies.stream_actors import consume, produce
from bench.workloads import built_in
from bench.workloads.faults import BUILT_IN as FAULTS
from bench.workloads.primes import is_prime

Function = Callable[..., Any]
CALLED: Mapping[str, Sequence[Function]] = {
    "primes": [is_prime],
    "serial": [run_in_order],
    "value": [make_updates, Values.update],
    "array": [Items.update],
    "locked_threads": [Items.update],
    "threads_unlocked": [InterruptedItems.update],
    "queue": [produce, consume],
}
"""What the function of a workload or a strategy calls and a lesson turns on; each is shown once in a lesson."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A function."""

    name: str
    """Of the workload or the strategy; of what they call, the function's own."""
    module: str
    text: str

    @property
    def html(self) -> Markup:
        """The text with its parts marked by classes of Pygments."""
        marked: str = highlight(self.text, PythonLexer(), HtmlFormatter(nowrap=True))
        return Markup(marked)  # noqa: S704 - Pygments escapes the text, which is this tool's own


def listings(lesson: Lesson) -> list[Listing]:
    """The functions of a lesson: of its workload, of each of its strategies, and behind each what it turns on."""
    for each in [*built_in(), *BUILT_IN, *FAULTS]:
        sources.load(each)
    return list({(each.module, each.name): each for each in _listings(lesson)}.values())


def _listings(lesson: Lesson) -> Iterator[Listing]:
    task = registry.workloads[lesson.workload].task
    functions = {lesson.workload: task} | {name: registry.strategies[name].open for name in lesson.strategies}
    for name, function in functions.items():
        yield _listing(name, function)
        for each in CALLED.get(name, ()):
            yield _listing(each.__qualname__, each)


def _listing(name: str, function: Function) -> Listing:
    text = inspect.getsource(inspect.unwrap(function))
    return Listing(name, function.__module__, inspect.cleandoc(f"\n{text}") + "\n")
