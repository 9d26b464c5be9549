"""What the codes of findings mean: of each what it says, how it is found, and what to do about it.

Thresholds are the constants that decide, not numbers written down again.
"""

from bench.analysis.cost_findings import EXACT_S, MISSED_BEATS, MUCH_CACHE
from bench.analysis.estimates import INTERVAL, SURELY, values_needed
from bench.analysis.findings import BUSY_LOAD, TOO_SHORT_S, UNSTABLE
from bench.analysis.groups import LEVEL_WITHIN
from bench.analysis.makespan import BELOW_STATED, BELOW_TIMED
from bench.facts.caching import FASTER, WARM_FASTER
from bench.facts.resting import RESTLESS
from bench.units import percent, seconds

FINDINGS = (
    (
        "demonstration",
        "a strategy that shows what goes wrong happened to go right",
        "The strategy exists to lose updates or the like, and all its blocks gave the right result, by luck.",
        "Nothing is concluded from it, and it is never ranked. Measure it again, or at a larger scale.",
    ),
    (
        "cut",
        "the run file ends before the run did",
        "The file has no last line that closes it, or its last line is half a line: the harness was killed, or the disk was full.",
        "What is there is whole. Finish the run with `run --resume RUN`.",
    ),
    (
        "interrupted",
        "somebody stopped the run",
        "The run got SIGINT, SIGTERM or SIGHUP. Blocks that had ended by then are kept.",
        "Finish it with `run --resume RUN`; until then intervals are wide, and cases may have no time.",
    ),
    (
        "edited",
        "a file of what was measured was edited during the run",
        "A file of the code or the inputs changed at a block, which is left out. What only a task imports is not watched.",
        "Every number is of the version before. Measure the new one in a run of its own, and edit nothing meanwhile.",
    ),
    (
        "budget",
        "the time for the run was over before every case had blocks enough",
        "A case takes some blocks before there is an interval, and each is a process with its rounds; the bases and what is fastest come first.",
        "Give it more time with `--budget`, or measure fewer cases. `run --resume RUN` measures the rest.",
    ),
    (
        "busy_machine",
        "other programs were running when the run began",
        f"The mean number of runnable processes in the minute before was over {BUSY_LOAD:g} for each usable core.",
        "Measure on an idle machine, or trust only large differences: `doctor` tells how noisy it is.",
    ),
    (
        "restless",
        "a strategy uses the CPU while others have their turns",
        f"The hosts of an ensemble measure one at a time. It used more than {percent(RESTLESS)} of a core between its own turns.",
        "It was measured apart from the others after its first block. Threads or processes that poll do this: let them wait.",
    ),
    (
        "few_blocks",
        f"there are too few blocks for a {INTERVAL}",
        f"An interval at {SURELY} takes {values_needed()} values, and a block, or its pair with a block of the base, gives one.",
        f"Give the run more time with `--budget`, or `--blocks {values_needed()}`. Until then who is fastest is a guess.",
    ),
    (
        "partly_compared",
        "not all results of a strategy were compared with those of a plain loop",
        "One input after another takes too long: it gets a sixth of the time limit, and at most a tenth of the budget.",
        "Give it more time with `--time-limit` and `--budget`, or state with `check` or `expect` what is right.",
    ),
    (
        "unstable",
        f"the {INTERVAL} of a time is wide",
        f"Half of its width is more than {percent(UNSTABLE)} of its centre. Of each workload the worst case is named.",
        "Something else ran, or there are few blocks. Measure longer (`--budget`) when it is quiet; claim no more than intervals bear.",
    ),
    (
        "too_short",
        "a round is so short that the call itself weighs as much as the work",
        f"The median warm round takes less than {seconds(TOO_SHORT_S)}.",
        "Give a round more inputs, or take a larger scale. What is seen is the cost of the strategy, not of the work.",
    ),
    (
        "cached_results",
        "warm rounds are faster than the first because results come from a cache",
        (
            f"In every block the first round takes at least {WARM_FASTER:g} times as long as the warm ones. In a fresh process the function was then "
            f"called twice with each of several inputs: the second calls took at most 1/{FASTER:g} of the time, and not only for the first input, where "
            "imports are at work."
        ),
        (
            "What warm rounds took says little of the work. To time that, use `--fresh-inputs`, or empty the cache in the function. "
            "A cache on disk outlives its process: it is not found this way, and has to be emptied."
        ),
    ),
    (
        "below_bound",
        "a time is less than the least that is possible",
        (
            f"All of the {INTERVAL} of time over bound, from pairs of blocks, lies below {percent(BELOW_STATED)} where the inputs state what tasks "
            f"take, and below {percent(BELOW_TIMED)} where tasks were timed one by one. The bound is max(longest task, sum of tasks / workers)."
        ),
        "Do not cite the time. A worker uses more than one core (BLAS threads?), tasks share work (a cache?), or a task alone takes longer than among others.",
    ),
    (
        "superlinear",
        "more workers are faster than what they run on can explain",
        (
            f"The interval of the speed-up over its own base lies more than {percent(LEVEL_WITHIN)} above the workers, or "
            "above the cores where the CPU limits the work. No law of scaling is fitted to it."
        ),
        "Do not cite the speed-up before it is explained: something hinders the base (caches, a neighbour), or workers use more cores (BLAS).",
    ),
    (
        "oversubscribed",
        "several workers may each start a thread for every core",
        "The case ran with `blas_threads=default` and not with a single worker.",
        "Compare with `--option blas_threads=1`: threads that fight for cores are often slower than one each.",
    ),
    (
        "leaked_processes",
        "processes were alive after their block and had to be ended",
        "The supervisor counts what the block started and what is still there when it is over.",
        "The strategy or the task starts what it does not stop: join, close or kill it before the strategy is left.",
    ),
    (
        "threads_left",
        "threads of the measured code were running when its process was to end",
        "A process waits at its end for threads that are no daemons. The host gives them a moment, then names them and leaves.",
        "What they do is in every number. Make them daemons, or start them where they are needed, not at import.",
    ),
    (
        "layers_disagree",
        "two ways of counting CPU time tell different numbers",
        "Each layer (control group, wait4, ledger) counts by itself, and they differ by more than their bounds allow.",
        (
            "The report has the number of the layer named first. Processes may have ended where the other does not see it; "
            "`doctor --prove` tries the layers on programs whose use is known."
        ),
    ),
    (
        "cpu_lower_bound",
        "the CPU time shown may be less than what was used",
        "The layer that counted cannot see all processes end, and no better layer was there.",
        "Read it as “at least”. With a control group that may be written to, all is counted: `doctor` says what is missing.",
    ),
    (
        "fewer_layers",
        "a way of counting is missing here, and something is unknown for want of it",
        (
            "A layer was not there, and memory has no bound from below, or a case has no exact CPU time (off by more than "
            f"{seconds(EXACT_S)} a round) or no peak of memory."
        ),
        "What is unknown shows as –. `doctor` tells what the machine lacks and how to get it.",
    ),
    (
        "file_cache",
        "much of the memory is cache of files",
        f"Of the peak of memory more than {percent(MUCH_CACHE)} is cache that the kernel keeps for the control group.",
        "The kernel takes it back when memory is short. Compare unique sets (USS) instead, where they are known.",
    ),
    (
        "slowed_sampler",
        "the sampler lowered its rate",
        "Reading so many processes took too much of the machine, so it was done less often.",
        "The charts over time are coarser there; totals do not come from samples. Fewer workers, or a smaller `--sample-hz`.",
    ),
    (
        "late_sampler",
        "samples are missing",
        f"More than {percent(MISSED_BEATS)} of the samples that were due were not taken in time.",
        "The series have gaps, which the charts show; totals are not touched. A smaller `--sample-hz` helps.",
    ),
)
"""As `bench.analysis.explanations` has them: code, what, why, do."""
