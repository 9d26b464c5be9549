"""The account of one tree of processes: what it uses, from the first process to the last, whole and by windows.

It is kept in the process whose child the tree's root is. Marks are read where the tree rests, at the edges of windows;
samples at equal distances, for charts. Totals come from the best layer there is, and samples from the same one.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bench.accounting import memory, methods, whole
from bench.accounting.group import Group, GroupCpu, Parent
from bench.accounting.layers import Layers
from bench.accounting.readers import open_reader
from bench.accounting.reading import Reader, Reading, Sets, Watched, all_cores
from bench.accounting.sample_clock import SampleClock
from bench.accounting.series import Sample, settled
from bench.accounting.tree_snapshot import SelfReport, TreeSnapshot, between, machine_starts
from bench.records.use import Accounting, Difference, Method, Samples, Sampling, Window

_DISAGREE_SHARE, _DISAGREE_LEAST_S = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Finished:
    """All that is known of a tree in the end."""

    window: Window
    accounting: Accounting
    samples: Samples
    sampling: Sampling


class Account:
    """What one tree of processes uses."""

    def __init__(self, layers: Layers, sampler: str, hz: float, excluded: Collection[int]) -> None:
        """Make ready; counting begins with the process that calls `before_exec`.

        Args:
            layers: what may be used.
            sampler: `auto`, `proc` or `psutil`: what reads single processes.
            hz: samples a second; 0 for no series.
            excluded: children of this process that do not belong to the tree.
        """
        self.watched = Watched(frozenset(excluded))
        self.sample_clock = SampleClock(hz)
        self._hz = hz
        self._layers = layers
        self.origin_s = time.perf_counter()
        """The moment that times count from, later after each rest."""
        self._own_cpu_s = time.process_time()
        self._absent = dict(layers.absent)
        groups = self._make_groups()
        self._groups = list(groups.values())
        self._cpu_group = groups.get(layers.places.cpu)
        self._memory_group = groups.get(layers.places.memory)
        self._reader: Reader = open_reader(
            sampler if layers.ledger else "psutil", self.watched, clocks=self._cpu_group is None
        )
        self._sets = memory.SetsWatch(self._reader)
        self._samples: list[Sample] = []
        self._starts = machine_starts()
        self._evidence = methods.Evidence(self._reader.tick_s, self._reader.name)
        self._rise_bytes = self._file_cache_bytes = 0
        self._unknown: dict[str, str] = {}
        self._differences: list[Difference] = []

    def _make_groups(self) -> dict[Parent | None, Group]:
        places = self._layers.places
        groups: dict[Parent | None, Group] = {}
        for parent in (places.cpu, places.memory):
            if parent is not None and parent not in groups:
                try:
                    groups[parent] = Group(parent)
                except OSError as error:  # it could be made when layers were probed
                    self._absent["cgroup"] = f"cannot make a group in {parent.folder}: {error.strerror}"
        return groups

    def before_exec(self) -> None:
        """Called in the tree's first process before it becomes another program: all it starts is counted with it."""
        for group in self._groups:
            group.join()

    def root(self, pid: int) -> None:
        """Say which process is the tree's root, whose exit its starter waits for."""
        self._evidence.root = pid

    def reap_root(self) -> int | None:
        """The root's exit code, once it has ended; ask no more after that."""
        assert self._evidence.root is not None
        return self.watched.reaper.reap(self._evidence.root)

    def at_s(self, moment_s: float) -> float:
        """A moment of `time.perf_counter` on the tree's own clock, which stands still while it rests."""
        return moment_s - self.origin_s

    def snapshot(self, report: SelfReport | None = None, *, begins: bool) -> TreeSnapshot:
        """Read everything at the edge of a window, while the tree rests.

        Args:
            report: what the tree's root says of itself.
            begins: whether a window begins here; else one ends.
        """
        if report is not None:
            self._reader.own_words(report.pid, report.children.cpu_s)
        cpu = None if begins else self._group_cpu()
        reading = self.read()
        processes = self._reader.counters()
        self._evidence.note(processes, report)
        peak_bytes = cache_bytes = None
        if self._memory_group is not None and not begins:
            peak_bytes = self._memory_group.peak_bytes()
            cache_bytes = self._memory_group.file_cache_bytes()
            self._file_cache_bytes = max(self._file_cache_bytes, cache_bytes)
        if not begins:
            self._sets.read_if_cheap(reading, rests=True)
        elif self._memory_group is not None:
            self._memory_group.begin_peak()
        return TreeSnapshot(
            reading,
            processes,
            self.watched.reaper.used,
            report,
            self._group_cpu() if begins else cpu,
            peak_bytes,
            cache_bytes,
            machine_starts(),
            len(self._samples) - 1,
        )

    def read(self) -> Reading:
        """Read the tree now and keep it as a sample."""
        return self._keep(self._reader.read())

    def _keep(self, reading: Reading) -> Reading:
        self._evidence.note_reading(reading)
        for pid in self._reader.ended_children():
            if pid != self._evidence.root:
                self.watched.reaper.reap(pid)
        cpu = self._group_cpu()
        held = self._memory_group.memory_bytes() if self._memory_group is not None else reading.memory_bytes
        cpu_s = cpu.cpu_s if cpu is not None else reading.cpu_s
        at_s = self.at_s(reading.at_s)
        self._samples.append(Sample(at_s, cpu_s, held, reading.rss_bytes, reading.processes))
        return reading

    def rested(self, seconds: float) -> None:
        """The tree held still for so long, until now: no moment of it is in what comes."""
        self.origin_s += seconds
        self.sample_clock.rested(seconds)

    def sample(self) -> None:
        """Read, if a sample is due."""
        if self.sample_clock.take_due():
            began = time.thread_time()
            self._sets.read_if_cheap(self._keep(self._reader.glance()), rests=False)
            self.sample_clock.note_cost(time.thread_time() - began)

    def cpu_s(self) -> float:
        """What the tree has used so far."""
        group = self._group_cpu()
        return self.read().cpu_s if group is None else group.cpu_s

    def _group_cpu(self) -> GroupCpu | None:
        return self._cpu_group.cpu() if self._cpu_group is not None else None

    def window(self, name: str, before: TreeSnapshot, after: TreeSnapshot, at_s: float, wall_s: float) -> Window:
        """What was used between two snapshots; `at_s` and `wall_s` are the window's own, as timed inside."""
        found = between(before, after)
        if found.group_s is not None and self._cpu_group is not None:
            self._compare(name, wall_s, (self._cpu_group.layer, found.group_s), (self._ledger, found.ledger_s))
        inside = self._samples[before.number : after.number + 1]
        held, unknown = memory.of_window(before, after, inside, self._sets.read, self.origin_s)
        self._rise_bytes = max(self._rise_bytes, memory.rise(before, after))
        self._unknown |= found.unknown | unknown
        return Window(at_s=at_s, wall_s=wall_s, **methods.rounded(found.values | held))

    @property
    def _ledger(self) -> str:
        return "ledger" if self._reader.name == "proc" else "psutil"

    def _compare(self, name: str, wall_s: float, first: tuple[str, float], second: tuple[str, float]) -> None:
        """Note where two layers do not agree on a window long enough to tell."""
        apart, most = abs(first[1] - second[1]), max(first[1], second[1])
        if wall_s > _DISAGREE_LEAST_S and apart > max(_DISAGREE_SHARE * most, 4 * self._reader.tick_s):
            self._differences.append(Difference(name, first[0], round(first[1], 6), second[0], round(second[1], 6)))

    def finish(self) -> Finished:
        """Close the account, once, when nothing of the tree is left."""
        reading = self.read()
        wall_s = self.at_s(time.perf_counter())
        group = self._group_cpu()
        by_layer = self._by_layer(reading, group)
        layer, cpu_s = next(iter(by_layer.items()))
        if group is not None and "wait4" in by_layer and not self._evidence.ignores_children:
            self._compare("all", wall_s, (layer, cpu_s), ("wait4", by_layer["wait4"]))
        self._samples[-1] = Sample(self.at_s(reading.at_s), cpu_s, 0, 0, 0)
        starts = None if self._starts is None else (machine_starts() or 0) - self._starts
        held, memory_method = self._memory_of_all(reading, starts)
        used = whole.use(self.watched.reaper.used, group, reading, self._layers, self._evidence)
        if starts is not None:
            held["started_at_most"] = starts
        self._unknown = used.unknown | whole.reasons(held) | self._unknown
        finished = Finished(
            Window(at_s=0.0, wall_s=wall_s, **methods.rounded({"cpu_s": cpu_s} | used.values | held)),
            Accounting(
                cpu=methods.of_cpu(layer if group is not None else self._ledger, self._evidence),
                whole_cpu=methods.of_cpu(layer, self._evidence, whole=True),
                memory=memory_method,
                cpu_by_layer={name: round(value, 6) for name, value in by_layer.items()},
                absent=self._absent,
                unknown=self._unknown,
                differences=self._differences,
            ),
            self._columns(),
            self._sampling(),
        )
        self.close()
        return finished

    def close(self) -> None:
        """Remove the control groups, killing what is still in them, and let go of descriptors."""
        for group in self._groups:
            group.remove()
        self._groups = []
        self._reader.close()

    def _by_layer(self, reading: Reading, group: GroupCpu | None) -> dict[str, float]:
        """CPU of everything by each layer, the best first."""
        found: dict[str, float] = {}
        if group is not None and self._cpu_group is not None:
            found[self._cpu_group.layer] = group.cpu_s
        if self._layers.wait4:
            found["wait4"] = self.watched.reaper.used.cpu_s
        found[self._ledger] = reading.cpu_s
        if group is None and reading.cpu_s > next(iter(found.values())) + self._reader.tick_s:
            self._evidence.ignores_children = True  # the ledger saw what nobody waited for
            return {self._ledger: reading.cpu_s} | found
        return found

    def _memory_of_all(self, reading: Reading, starts: int | None) -> tuple[dict[str, Any], Method]:
        """Memory fields of the whole block, and how they were made."""
        rss_bytes = max((each.rss_bytes for each in self._samples), default=0)
        highest = max((each.memory_bytes for each in self._samples), default=0)
        sets = max((each.sets for each in self._sets.read if each.sets.pss_bytes), key=_pss, default=None)
        values: dict[str, Any] = {"rss_bytes": rss_bytes or None}
        if sets is not None:
            values |= {"pss_bytes": sets.pss_bytes, "uss_bytes": sets.uss_bytes}
        if self._memory_group is not None:
            peak_bytes = self._memory_group.highest_bytes()
            cache_bytes = max(self._file_cache_bytes, self._memory_group.file_cache_bytes())
            values |= {"peak_memory_bytes": peak_bytes, "file_cache_bytes": cache_bytes}
            return values, methods.of_group_memory(self._memory_group.layer, peak_bytes, cache_bytes)
        single_bytes = whole.single_peak(self.watched.reaper)
        peak_bytes = max(highest + self._rise_bytes, single_bytes)
        least_bytes = max(single_bytes, sets.pss_bytes or 0 if sets else 0)
        all_seen = starts is not None and starts <= reading.processes_seen + reading.threads_seen
        # a peak between two samples is that of one process, beside at most what the others held at the highest sample
        unseen_bytes = self.watched.reaper.peak_rss_bytes + (rss_bytes if reading.processes_seen > 1 else 0)
        most_bytes = max(rss_bytes + self._rise_bytes, unseen_bytes) if all_seen else None
        values["peak_memory_bytes"] = peak_bytes or None
        return values, methods.of_added_memory(self._ledger, peak_bytes, least_bytes, most_bytes)

    def _columns(self) -> Samples:
        kept = self._samples if self._hz else []
        at_s = [each.at_s for each in kept]
        known_s = [min(each.cpu_s, kept[-1].cpu_s) for each in kept]  # the ledger may see some ms that nobody waits for
        cpu_s = settled(at_s, known_s, all_cores())
        return Samples(
            at_s=[round(each, 6) for each in at_s],
            cpu_s=[round(each, 6) for each in cpu_s],
            memory_bytes=[each.memory_bytes for each in kept],
            rss_bytes=[each.rss_bytes for each in kept],
            processes=[each.processes for each in kept],
        )

    def _sampling(self) -> Sampling:
        sample_clock = self.sample_clock
        return Sampling(
            sampler=self._reader.name,
            hz=self._hz,
            hz_achieved=sample_clock.achieved_hz,
            hz_lowered_to=1 / sample_clock.interval_s if sample_clock.lowered and sample_clock.interval_s else None,
            due=sample_clock.due,
            missed=sample_clock.missed,
            late_p99_s=sample_clock.late_p99_s,
            cpu_s=time.process_time() - self._own_cpu_s,
            tick_cpu_s=sample_clock.mean_cost_s,
            scheduling=self._layers.scheduling,
        )


def _pss(sets: Sets) -> int:
    return sets.pss_bytes or 0
