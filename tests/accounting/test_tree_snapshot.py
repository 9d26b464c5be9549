"""What was used between two snapshots is the plain difference, and None with the reason where that cannot be known."""

from dataclasses import dataclass, field, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accounting.group import GroupCpu
from bench.accounting.reading import Counters, Identity, Reading
from bench.accounting.reaping import Used
from bench.accounting.tree_snapshot import FOREIGN, IGNORED, NOT_TOLD, ORPHANED, SelfReport, TreeSnapshot, between

ROOT, HELPER = 10, 20
USED = [each.name for each in fields(Used)]
BYTES = ["read_bytes", "written_bytes"]
SWITCHES = ["voluntary_switches", "involuntary_switches"]
amounts = st.dictionaries(st.sampled_from([*USED, *BYTES]), st.integers(0, 1000), max_size=8)


def zeros():
    return dict.fromkeys([*USED, *BYTES], 0)


@dataclass
class Tree:
    """A root that tells of itself, a helper that does not, and children that one of them or the keeper waits for."""

    own: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: zeros(), HELPER: zeros()})
    waited: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: zeros(), HELPER: zeros()})
    ended: dict[str, int] = field(default_factory=zeros)
    starts: int = 1000

    def child(self, used, waited_by):
        """A child that comes and goes between two snapshots."""
        self.starts += 1
        into = self.ended if waited_by is None else self.waited[waited_by]
        for name, amount in used.items():
            if waited_by is not None or name not in BYTES:
                into[name] += amount

    def work(self, pid, used):
        for name, amount in used.items():
            self.own[pid][name] += amount

    def snapshot(self, *, tells=True, **changes):
        processes = {}
        for pid, own in self.own.items():
            waited = self.waited[pid]
            processes[Identity(pid, 1)] = Counters(
                parent=1,
                **{name: own[name] for name in ("user_s", "system_s", "minor_faults", "major_faults", *SWITCHES)},
                reaped_user_s=waited["user_s"],
                reaped_system_s=waited["system_s"],
                reaped_minor_faults=waited["minor_faults"],
                reaped_major_faults=waited["major_faults"],
                **{name: own[name] + waited[name] for name in BYTES},
                **changes.get("counters", {}),
            )
        report = SelfReport(ROOT, used_of(self.own[ROOT]), used_of(self.waited[ROOT])) if tells else None
        reading = Reading(0, changes.get("cpu_s", 0), 0, 0, 2, changes.get("seen", 2), 0, ignores_children=False)
        starts = changes.get("starts", self.starts)
        return TreeSnapshot(reading, processes, used_of(self.ended), report, changes.get("cpu"), machine_starts=starts)


def used_of(amounts_of):
    return Used(**{name: amounts_of[name] for name in USED})


@given(st.lists(st.tuples(st.sampled_from([ROOT, HELPER]), amounts)), st.lists(amounts), amounts)
def test_before_and_what_was_used_is_after(works, children, earlier):
    """Processes work, and the root starts children and waits for them, before the first snapshot and after it."""
    tree = Tree()
    tree.work(ROOT, earlier)
    tree.child(earlier, ROOT)
    before = tree.snapshot()
    for pid, used in works:
        tree.work(pid, used)
    for used in children:
        tree.child(used, ROOT)
    found = between(before, tree.snapshot())
    for name in (*USED, *BYTES):
        assert found.values[name] == sum(each.get(name, 0) for each in (*children, *(used for _, used in works)))
    assert found.values["started_at_most"] == len(children)
    assert found.unknown == {}


@given(amounts, st.lists(amounts, min_size=1))
def test_of_orphans_that_ended_all_is_known_but_bytes(work, children):
    tree = Tree()
    before = tree.snapshot()
    tree.work(HELPER, work)
    for used in children:
        tree.child(used | {"minor_faults": 1}, None)
    found = between(before, tree.snapshot())
    for name in set(USED) - {"minor_faults"}:
        assert found.values[name] == sum(each.get(name, 0) for each in (work, *children))
    assert found.values["read_bytes"] is found.values["written_bytes"] is None
    assert found.unknown == dict.fromkeys(BYTES, ORPHANED)


@given(amounts, st.lists(amounts, min_size=1))
def test_of_children_that_a_silent_process_waited_for_all_is_known_but_context_switches(work, children):
    tree = Tree()
    tree.child({"minor_faults": 5}, HELPER)
    before = tree.snapshot()
    tree.work(ROOT, work)
    for used in children:
        tree.child(used | {"minor_faults": 7}, HELPER)
    found = between(before, tree.snapshot())
    for name in ("user_s", "system_s", "major_faults", *BYTES):
        assert found.values[name] == sum(each.get(name, 0) for each in (work, *children))
    assert found.values["minor_faults"] == work.get("minor_faults", 0) + 7 * len(children)
    assert found.unknown == dict.fromkeys(SWITCHES, FOREIGN)


@given(amounts)
def test_where_nobody_may_have_learned_what_children_used_what_they_used_is_unknown(work):
    tree = Tree()
    before = tree.snapshot()
    tree.work(ROOT, work)
    found = between(before, tree.snapshot(counters={"ignores_children": True}))
    names = ["minor_faults", "major_faults", *SWITCHES, *BYTES]
    assert {name: found.values[name] for name in names} == dict.fromkeys(names)
    assert found.unknown == dict.fromkeys(names, IGNORED)


def test_a_process_that_went_away_with_what_it_had_used_makes_no_negative_number():
    """Nobody waited for it: its own is in no later sum."""
    tree = Tree()
    tree.work(HELPER, dict.fromkeys((*USED, *BYTES), 100))
    before = tree.snapshot()
    del tree.own[HELPER], tree.waited[HELPER]
    found = between(before, tree.snapshot())
    for name in (*USED, *BYTES):
        assert found.values[name] is None
        assert found.unknown[name]


def test_what_the_system_does_not_tell_of_one_process_is_not_told_of_the_tree():
    tree = Tree()
    silent = dict.fromkeys(["minor_faults", "major_faults", *SWITCHES, *BYTES])
    snapshots = []
    for _ in range(2):
        snapshot = tree.snapshot()
        who = Identity(HELPER, 1)
        snapshot.processes[who] = Counters(parent=1, user_s=0, system_s=0, **silent)
        snapshots.append(snapshot)
    found = between(*snapshots)
    assert {name: found.values[name] for name in silent} == silent
    assert found.unknown == dict.fromkeys(silent, NOT_TOLD)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_the_control_group_decides_and_the_ledger_is_kept_beside_it(begun_s, grown_s, ledger_s):
    tree = Tree()
    before = tree.snapshot(cpu=GroupCpu(begun_s, begun_s, 0.0), cpu_s=1.0)
    after = tree.snapshot(cpu=GroupCpu(begun_s + grown_s, begun_s + grown_s, 0.0), cpu_s=1.0 + ledger_s)
    found = between(before, after)
    assert found.values["cpu_s"] == found.values["user_s"] == found.group_s == pytest.approx(grown_s, abs=1e-9)
    assert found.values["system_s"] == 0
    assert found.ledger_s == pytest.approx(ledger_s, abs=1e-9)


def test_without_a_control_group_cpu_is_the_ledgers_and_modes_are_added_up():
    tree = Tree()
    before = tree.snapshot(tells=False, cpu_s=1.0)
    tree.work(ROOT, {"user_s": 3, "system_s": 1})
    tree.child({"user_s": 4}, ROOT)
    found = between(before, tree.snapshot(tells=False, cpu_s=8.5))
    assert (found.values["cpu_s"], found.values["user_s"], found.values["system_s"]) == (7.5, 7, 1)
    assert found.group_s is None


def test_what_the_machine_started_is_unknown_where_proc_stat_is_hidden():
    tree = Tree()
    found = between(tree.snapshot(starts=None), tree.snapshot())
    assert found.values["started_at_most"] is None
    assert "/proc/stat" in found.unknown["started_at_most"]
    seen = between(tree.snapshot(seen=3), tree.snapshot(seen=7))
    assert seen.values["processes_started"] == 4
