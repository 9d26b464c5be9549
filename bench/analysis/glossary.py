"""The glossary: the words that the tool, its reports and its docs use, in one or two plain sentences each.

Words of Python (GIL, fork, pickling) and of measuring (block, round, bound, level). What a code of a report means, and what
to do about it, stands in `bench.analysis.explanations`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.errors import UnknownNameError


class Topic(StrEnum):
    """What a term is about; the glossary is in this order."""

    PYTHON = "Concurrency in Python"
    WORK = "What is measured"
    MEASURING = "How it is measured"
    READING = "How results read"
    COMPARING = "Comparing versions"


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its meaning."""

    name: str
    topic: Topic
    meaning: str
    """One or two sentences, with a capital and a full stop; names of Python and of commands in backticks."""
    also: tuple[str, ...] = ()
    """Other words for it, under which it is found too."""


def term(word: str) -> Term | None:
    """The term of that name, or that is also called so; capitals, dashes, underscores and a plural's s do not matter."""
    wanted = _plain(word)
    return _BY_WORD.get(wanted) or _BY_WORD.get(wanted.removesuffix("s"))


def terms(*words: str) -> list[Term]:
    """These terms, in this order: what a page shows beside its tables.

    Raises:
        UnknownNameError: if one is not in the glossary.
    """
    found = []
    for word in words:
        each = term(word)
        if each is None:
            raise UnknownNameError("term", word, all_words())
        found.append(each)
    return found


def all_words() -> list[str]:
    """All words under which a term is found, as they are written."""
    return [word for each in TERMS for word in (each.name, *each.also)]


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())


def _of(topic: Topic, entries: Mapping[str | tuple[str, ...], str]) -> Iterable[Term]:
    for name, meaning in entries.items():
        first, *also = (name,) if isinstance(name, str) else name
        yield Term(first, topic, meaning, tuple(also))


_PYTHON: Mapping[str | tuple[str, ...], str] = {
    ("GIL", "global interpreter lock"): (
        "The global interpreter lock: only the thread that holds it executes Python code, so threads do not speed up pure "
        "Python. A thread lets go of it while it waits, and so does much C code while it computes (numpy, zlib, Pillow)."
    ),
    ("free-threading", "free-threaded", "no GIL", "nogil"): (
        "CPython built without the GIL (3.13 and newer, often called `python3.14t`): its threads execute Python code on "
        "several cores at once. `doctor`, tables and charts say whether an interpreter has a GIL."
    ),
    "thread": (
        "A line of execution inside a process. Threads see the same memory: handing them work costs little, and what they "
        "change together needs a lock."
    ),
    ("process", "multiprocessing"): (
        "A running program with its own memory and its own GIL. Processes execute Python code in parallel; what goes from "
        "one to another is pickled."
    ),
    ("subinterpreter", "interpreter"): (
        "Another interpreter in the same process, with its own modules and its own GIL: `InterpreterPoolExecutor` from "
        "Python 3.14 on."
    ),
    ("asyncio", "event loop"): (
        "One thread that goes on with whichever coroutine has got what it waited for. It serves thousands of waits at little "
        "cost, and speeds up no computing."
    ),
    ("coroutine", "async def"): (
        "What calling an `async def` function returns: code that can be paused at each `await` while other code runs."
    ),
    ("pool", "executor", "thread pool", "process pool"): (
        "A fixed number of workers that are started once and given task after task: `ThreadPoolExecutor`, "
        "`ProcessPoolExecutor`, `multiprocessing.Pool`."
    ),
    ("pickling", "pickle"): (
        "Turning an object into bytes, so that it can be sent to another process. It takes time and memory at both ends; "
        "lambdas, locks and open files cannot be pickled."
    ),
    "start method": (
        "How `multiprocessing` starts a process: `fork`, `spawn` or `forkserver` (`--start-method`). The default on Linux is "
        "`fork` up to Python 3.13 and `forkserver` from 3.14 on; on macOS and Windows it is `spawn`."
    ),
    "fork": (
        "The start method that copies the running process, memory included: quick to start, and able to deadlock where "
        "the process already has threads."
    ),
    "spawn": (
        "The start method that starts a new interpreter, which imports the main module again: slower, and safe beside "
        'threads. The code that starts processes must be under `if __name__ == "__main__"`.'
    ),
    "forkserver": (
        "The start method that forks each process from a small server process without threads: nearly as quick as `fork` "
        "and as safe as `spawn`."
    ),
    ("chunk", "chunk size", "chunksize"): (
        "Several tasks that are sent to a worker together (`--chunk-size`). Large chunks save messages; small ones share "
        "uneven tasks out better."
    ),
    (
        "lock",
        "mutex",
    ): "What only one thread or process holds at a time; the others wait. It makes a read and a write one step.",
    ("lost update", "race", "race condition"): (
        "Two workers read the same value, both change it, and the second write overwrites the first. A lock around reading "
        "and writing prevents it."
    ),
    "queue": (
        "A line of messages between threads (`queue.Queue`, which passes references) or processes "
        "(`multiprocessing.Queue`, which pickles in a thread and writes to a pipe)."
    ),
    "pipe": "A connection between two processes (`multiprocessing.Pipe`): less than a queue, and cheaper.",
    "manager": (
        "A process that holds objects for others (`multiprocessing.Manager`). Every access is a message to it and a reply, "
        "so it is slow; two accesses are not one step without a lock."
    ),
    "shared memory": (
        "Memory that several processes see (`multiprocessing.shared_memory`): nothing is pickled, and nothing is locked."
    ),
    ("I/O-bound", "io bound", "waiting"): (
        "Work that mostly waits, for a network, a disk or a clock. Threads and asyncio overlap the waits, GIL or not."
    ),
    ("CPU-bound", "computing"): (
        "Work that mostly computes. In pure Python it takes several processes (or a free-threaded Python) to use several cores."
    ),
}
_WORK: Mapping[str | tuple[str, ...], str] = {
    "workload": (
        "The work to be done: a task and its inputs, with a check of the results. Downloads, arithmetic, messages, a function "
        "of yours."
    ),
    "strategy": (
        "A way to do the work: a plain loop, threads, processes, one of the pools, asyncio. `list` shows all."
    ),
    "pattern": (
        "The shape of the work: `map` (a task for each input), `stream`, `share`, `sync`, `serve` or `start`. A strategy and a "
        "workload fit if they have the same."
    ),
    "task": "One call of the function: one input in, one result out.",
    "input": "What a task gets. Every strategy gets the same inputs, and its results are compared.",
    "worker": (
        "A thread or process that executes tasks. `process_pool ×4` is a process pool with 4 workers; the default is the "
        "number of CPUs that may be used."
    ),
    ("case", "key"): "A workload under a strategy with its options: what has a row in a table and a dot in a chart.",
    ("base", "baseline"): (
        "What a ratio is relative to. In a run it is the pattern's simplest strategy (`serial`, a plain loop, in `map`); in "
        "`check` and `compare` it is the older version."
    ),
    "serial": "The strategy that does one task after another in a plain loop. Every speed-up of a `map` is relative to it.",
    "scale": "How large a workload is: `quick`, `standard` or `article`, the sizes of the tutorials.",
    "demonstration": "A strategy that shows what goes wrong, such as updating without a lock. It is never ranked.",
    "fault": "Something that goes wrong in a task, such as a worker that is killed; `faults` tries strategies with many.",
}
_MEASURING: Mapping[str | tuple[str, ...], str] = {
    "run": "All that one command measures, stored in one file under `results/`.",
    "block": (
        "A fresh process that starts a strategy, runs some rounds and stops it. A case has as many values as blocks, "
        "because rounds of one process are alike."
    ),
    "round": "Doing all the inputs of a workload once. The time in a table is that of a round.",
    "cold": "The first round of a block: imports, caches and workers are still to be made.",
    "warm": "Any round after the first one of a block. Times in tables are those of warm rounds, unless they say otherwise.",
    (
        "start",
        "stop",
    ): "What it takes to make a strategy's workers, and to end them: a script pays it once, beside its rounds.",
    "ensemble": (
        "Blocks of the cases of one workload that are alive together and take turns, a round each, so that a slow moment of "
        "the machine slows all of them."
    ),
    "budget": "The time that a run may take (`--budget`). What there was no time for is named.",
    "precision": "How narrow the interval of a ratio is to become before a run stops by itself: ±5 % (`--precision`).",
    ("accounting", "layer"): (
        "How CPU time and memory of all processes are counted: by a control group, by waiting for each process, or from "
        "`/proc`. Every number says which."
    ),
    (
        "sampler",
        "sample",
    ): "What reads CPU and memory 20 times a second for the charts over time. Totals do not come from it.",
}
_READING: Mapping[str | tuple[str, ...], str] = {
    ("median", "p50"): "The value in the middle: half of the values are below it.",
    ("percentile", "p95", "p99", "tail"): "The p99 of a latency is the time that 99 % of requests do not exceed.",
    ("pseudomedian", "Hodges-Lehmann"): (
        "The median of the averages of all pairs of values: nearly as robust as a median, and less noisy. Times and ratios are "
        "pseudomedians over blocks."
    ),
    ("interval", "confidence interval", "CI"): (
        "Where the true value lies, given the noise: intervals made this way miss it in at most 5 % of runs. It takes six blocks."
    ),
    ("ratio", "speed-up", "speedup", "×"): (
        "How many times as fast as the base: `2.00×` takes half the time. It comes from pairs of blocks measured near each "
        "other in time."
    ),
    ("level", "tie"): (
        "As fast, as far as can be told: the interval of the ratio of two cases reaches within 2 % of 1. In `history` a level "
        "is the value around which a case stays between two changes."
    ),
    ("bound", "makespan bound"): (
        "The least time that a round can take with so many workers: the longest task, or all tasks over the workers. It is "
        "exact where inputs state their time, else an estimate from tasks timed one by one."
    ),
    ("CPU time", "CPU-second", "cores"): (
        "The seconds that all processes of a case spent computing, added up. Divided by the time of a round it gives the "
        "cores used."
    ),
    ("peak memory", "memory", "RSS", "PSS", "USS"): (
        "The most memory that all processes of a case held at any moment, pages that they share counted once (RSS counts them in "
        "each process, PSS shares them out, USS leaves them out)."
    ),
    "latency": "The time from asking to the answer: of a request, a round trip or the start of a worker.",
    "throughput": "How much is done in a second: messages, bytes, updates, requests.",
    ("fairness", "Jain's index"): (
        "How evenly actors come to their turns: 1 if all have the same number, 1/n if one of n has them all."
    ),
    "hand-off": "A pass that goes from one actor to another, rather than to the same one again.",
    "finding": "A warning about a measurement, with a code that `explain` knows.",
    (
        "outcome",
        "outcomes",
    ): "How the blocks of a case ended: `ok`, `wrong`, `failed`, `timed_out`, `killed` or `unavailable`.",
}
_COMPARING: Mapping[str | tuple[str, ...], str] = {
    ("side", "arm", "head"): (
        "One of the two versions that `check` measures: the base (`--base`), and the head, which is the working tree if no "
        "other is named. They take turns in pairs of fresh processes."
    ),
    "pair": "A block of the base and a block of the head that are alive together and take turns.",
    ("tolerance", "threshold"): "The change that counts as no change: 2 %, or `--tolerance`.",
    "verdict": (
        "What `check` says of a case: `regressed`, `improved`, `equivalent`, `inconclusive`, or why there is nothing to say."
    ),
    ("alpha", "false alarm", "false verdict"): (
        "The share of checks of identical code that may get any false verdict: at most 1 % (`--alpha`), however many cases "
        "and however often the check looks."
    ),
    ("noise", "noise floor"): "How much equal work differs from time to time on this machine; `doctor` measures it.",
    "change point": "The run in a history from which on a case has another level.",
}
TERMS = (
    *_of(Topic.PYTHON, _PYTHON),
    *_of(Topic.WORK, _WORK),
    *_of(Topic.MEASURING, _MEASURING),
    *_of(Topic.READING, _READING),
    *_of(Topic.COMPARING, _COMPARING),
)
"""All terms, by topic."""
_BY_WORD = {_plain(word): each for each in TERMS for word in (each.name, *each.also)}
