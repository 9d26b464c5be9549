"""Layers taken away, really: no rights, a /proc that hides, control groups that cannot be written to, no /proc at all.

What is left stays inside its bounds, and what is unknown is None with its reason.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict

import pytest

from bench.accounting.layers import ORDER, probe
from tests.conftest import environment
from tests.outside import as_nobody, in_own_process, measured, namespaced, oracle, truth

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux: another system has none of these layers to lose"
)

CHILDREN = 20
COST_S = 0.004
"""Of starting and ending a process, at most; it is in no truth."""
HIDDEN = "mount -t proc -o hidepid=2 proc /proc"
ALONE = "mount -t proc -o subset=pid proc /proc"
READ_ONLY = r"awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts | while read each; do mount -o remount,bind,ro $each; done"
NO_GROUPS = "umount -l -R /sys/fs/cgroup"


def burned(before, ending="reaped", **options):
    """What was found of the burner, held to the bounds it states."""
    found = measured(oracle("burner", ending, CHILDREN, 5, 2), before=before, **options)
    true_s, finished = truth(found), found.finished
    method = finished.accounting.whole_cpu
    if method.above is not None:
        assert finished.window.cpu_s <= true_s + method.above + CHILDREN * COST_S
    if method.below is not None:
        assert finished.window.cpu_s >= true_s - method.below
    assert unexplained(asdict(finished.window), finished.accounting.unknown, "whole ") == set()
    assert finished.samples.cpu_s == sorted(finished.samples.cpu_s)
    assert finished.samples.cpu_s[-1] == finished.window.cpu_s
    return finished


def unexplained(window, unknown, kind=""):
    """Fields of a window that are None without a reason."""
    return {name for name, value in window.items() if value is None and not unknown.get(kind + name)}


@pytest.mark.parametrize("ending", ["reaped", "unreaped", "ignored", "orphaned"])
def test_without_rights_the_folder_is_named_and_wait4_takes_over(everybodys, ending):
    finished = burned(as_nobody(everybodys), ending)
    if os.geteuid() and "cgroup" not in finished.accounting.absent:
        pytest.skip("needs a user without a control group of its own")
    assert "/sys/fs/cgroup" in finished.accounting.absent["cgroup"]
    assert finished.accounting.whole_cpu.layer in (("wait4", "ledger") if ending == "ignored" else ("wait4",))
    assert finished.accounting.memory.layer == "ledger"
    assert (finished.accounting.whole_cpu.below is None) == (ending == "ignored")
    assert finished.window.file_cache_bytes is None


def test_where_other_users_processes_are_hidden_our_own_are_counted(everybodys):
    finished = burned(as_nobody(everybodys, HIDDEN))
    assert finished.accounting.whole_cpu.layer in ("wait4", "cgroup v2", "cgroup v1")
    assert finished.window.processes_started >= 2


def test_root_counts_as_ever_where_processes_are_hidden_from_others():
    finished = burned(namespaced(HIDDEN))
    assert set(finished.accounting.absent) == set(probe().absent) - {"wait4"}


def test_where_proc_shows_processes_alone_nothing_is_measured_and_the_reason_is_said(everybodys):
    """psutil cannot tell there when a process started: whatever had its id would be taken for it."""
    body = """
        from bench.accounting.command import measure_command
        from bench.errors import BenchError
        try:
            measure_command(sys.argv[1:])
        except BenchError as error:
            answer(str(error))
    """
    said = in_own_process(body, *oracle("burner", "reaped", 1, 1, 1), before=as_nobody(everybodys, ALONE))
    assert "subset=pid" in said
    assert "/proc/stat" in said


@pytest.mark.parametrize("mounts", [READ_ONLY, NO_GROUPS], ids=["read_only", "not_mounted"])
def test_control_groups_that_cannot_be_made_are_absent_with_the_reason(mounts):
    finished = burned(namespaced(mounts))
    assert finished.accounting.whole_cpu.layer == "wait4"
    reason = finished.accounting.absent["cgroup"]
    assert ("Read-only file system" in reason) if mounts is READ_ONLY else ("no control groups are mounted" in reason)


def test_where_proc_has_no_children_files_psutil_reads_the_tree(monkeypatch):
    """Kernels built without CONFIG_PROC_CHILDREN."""
    body = """
        from bench.accounting import layers, readers
        import msgspec
        layers.proc_missing = readers.proc_missing = lambda: "no children file"
        from bench.accounting.command import measure_command
        found = measure_command(sys.argv[1:], best="ledger")
        answer(json.loads(msgspec.json.encode(found.finished)))
    """
    found = in_own_process(body, *oracle("burner", "reaped", CHILDREN, 5, 2))
    assert found["accounting"]["absent"]["ledger"] == "no children file"
    assert found["accounting"]["whole_cpu"]["layer"] == "psutil"
    assert found["sampling"]["sampler"] == "psutil"


@pytest.mark.parametrize("sampler", ["proc", "psutil"])
@pytest.mark.parametrize("best", ORDER)
def test_every_layer_with_every_sampler_explains_what_it_does_not_know(best, sampler):
    finished = burned((), best=best, sampler=sampler)
    assert finished.accounting.whole_cpu.layer.partition(" ")[0] in ORDER[ORDER.index(best) :]


def test_a_group_that_can_be_made_no_more_is_missed_and_not_mourned():
    """It could when layers were probed."""
    if reason := probe().absent.get("cgroup"):
        pytest.skip(reason)
    body = """
        from bench.accounting import account
        import msgspec
        def refuse(parent):
            raise PermissionError(13, "Permission denied")
        account.Group = refuse
        from bench.accounting.command import measure_command
        answer(json.loads(msgspec.json.encode(measure_command(sys.argv[1:]).finished)))
    """
    found = in_own_process(body, *oracle("burner", "reaped", CHILDREN, 5, 2))
    assert "Permission denied" in found["accounting"]["absent"]["cgroup"]
    assert found["accounting"]["whole_cpu"]["layer"] == "wait4"
    assert found["accounting"]["memory"]["layer"] == "ledger"


def test_a_whole_run_without_rights_is_good_and_its_blocks_say_what_they_lack(everybodys):
    command = ["run", "primes", "--quick", "--blocks", "1", "--rounds", "2", "--strategy", "serial,pool_map"]
    done = subprocess.run(
        [*as_nobody(everybodys), sys.executable, "-m", "bench", *command, "--results", str(everybodys / "results")],
        cwd=everybodys,
        env=environment(PYTHONDONTWRITEBYTECODE="1", HOME=str(everybodys)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (path,) = (everybodys / "results").glob("*.jsonl")
    blocks = [each for each in map(json.loads, path.read_text().splitlines()) if "outcome" in each]
    blocks = blocks or [each["block"] for each in map(json.loads, path.read_text().splitlines()) if "block" in each]
    assert len(blocks) == 2
    for block in blocks:
        accounting = block["accounting"]
        assert block["outcome"] == "ok"
        assert os.geteuid() or "cannot make a group in …/" in accounting["absent"]["cgroup"]
        assert os.geteuid() or accounting["cpu"]["layer"] == "ledger"
        for window in (block["start"], *block["rounds"], block["stop"]):
            assert unexplained(window, accounting["unknown"]) == set()
        assert unexplained(block["whole"], accounting["unknown"], "whole ") == set()
