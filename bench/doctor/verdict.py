"""What numbers of this machine are worth, put together from the facts."""

from collections.abc import Sequence

from bench.records.diagnosis import Fact, State, Verdict

NOISE = "noise floor"
"""The topic of the fact that `bench.report.doctor.noise` makes."""


def verdict_of(facts: Sequence[Fact]) -> Verdict:
    """What is exact here, what is bounded, and what is unknown."""
    found = Verdict()
    good = {each.topic for each in facts if each.state is State.GOOD}
    for topics, kept, words in _EXACT:
        if set(topics) <= good:
            _list(found, kept).append(words)
        else:
            for fallback, fallen, other in _OTHERWISE[topics[0]]:
                if fallback in good or not fallback:
                    _list(found, fallen).append(other)
                    break
    noise = next((each for each in facts if each.topic == NOISE), None)
    if noise is None or noise.state is State.ABSENT:
        found.unknown.append("how noisy this machine is")
    else:
        found.bounded.append(f"comparisons of time ({noise.value})")
    return found


def _list(found: Verdict, kind: str) -> list[str]:
    return {"exact": found.exact, "bounded": found.bounded, "unknown": found.unknown}[kind]


_EXACT = (
    (("wall clock",), "exact", "time of rounds"),
    (("CPU by control group",), "exact", "CPU of blocks and rounds"),
    (("memory by control group",), "bounded", "peak memory, to 2 % + 4 MiB and the cache of files"),
    (("wait4",), "exact", "page faults and context switches"),
    (("shares of memory",), "bounded", "shared and own memory (PSS, USS), as read at moments"),
    (("hardware counters",), "unknown", "instructions: nothing here counts them yet"),
    (("governor", "turbo"), "exact", "the cores' clock rate"),
)  # fmt: skip
"""What numbers rest on: facts that are good, then what is so, in words."""
_OTHERWISE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "wall clock": (("", "bounded", "time of rounds, to the steps of the clock"),),
    "CPU by control group": (
        ("ledger", "bounded", "CPU, by what somebody waits for and by living processes; else a lower bound"),
        ("wait4", "bounded", "CPU of blocks, by what somebody waits for; of rounds a lower bound"),
        ("", "bounded", "CPU, a lower bound"),
    ),
    "memory by control group": (
        ("ledger", "bounded", "peak memory, added up from single processes at moments"),
        ("", "bounded", "peak memory, counting shared pages once for each process"),
    ),
    "wait4": (("", "unknown", "page faults and context switches of processes that ended"),),
    "shares of memory": (("", "unknown", "shared and own memory (PSS, USS)"),),
    "hardware counters": (("", "unknown", "instructions and cache misses"),),
    "governor": (("", "unknown", "the cores' clock rate"),),
}
"""What is so where a fact is not good: the first whose own fact is good, or that needs none."""
