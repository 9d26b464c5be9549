import getpass
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.accounting import affinity, own_groups
from bench.machine import environment
from bench.machine.interpreter import python_name


@pytest.mark.parametrize(
    ("affinity", "quota", "expected"),
    [
        (None, None, (8, "logical cores")),
        (8, None, (8, "logical cores")),
        (3, None, (3, "affinity")),
        (8, 2.0, (2, "cgroup quota")),
        (8, 1.5, (2, "cgroup quota")),
        (8, 0.25, (1, "cgroup quota")),
        (2, 4.0, (2, "affinity")),
    ],
)
def test_usable_cores_are_the_least_of_all_limits_and_say_which(monkeypatch, affinity, quota, expected):
    monkeypatch.setattr(environment.psutil, "cpu_count", lambda logical=True: 8)
    assert environment.usable_cores(affinity, quota) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux's CPU affinity")
def test_affinity_of_this_process_counts():
    whole = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(whole)})
        assert environment.default_workers()[0] == 1
        assert affinity.cpus() == 1
    finally:
        os.sched_setaffinity(0, whole)


@pytest.mark.parametrize(("allowed", "machine", "told"), [({1, 3}, 8, 2), (None, 8, 8), (None, None, 1)])
def test_where_the_system_does_not_tell_all_cpus_may_be_used(monkeypatch, allowed, machine, told):
    monkeypatch.setattr(affinity, "allowed_cpus", lambda: allowed)
    monkeypatch.setattr(affinity.psutil, "cpu_count", lambda: machine)
    assert affinity.cpus() == told


@pytest.mark.parametrize(
    ("files", "version", "quota"),
    [
        ({"cpu.max": "150000 100000\n"}, 2, 1.5),
        ({"cpu.max": "max 100000\n"}, 2, None),
        ({}, 2, None),
        ({"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"}, 1, 0.5),
        ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 1, None),
    ],
)
def test_quotas_of_both_versions_of_control_groups_read(tmp_path, files, version, quota):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert environment._quota_of(tmp_path, version) == quota


def test_the_least_quota_of_a_group_and_those_above_it_holds(tmp_path, monkeypatch):
    own = tmp_path / "a" / "b"
    own.mkdir(parents=True)
    (tmp_path / "a" / "cpu.max").write_text("200000 100000\n")
    (own / "cpu.max").write_text("max 100000\n")
    on_paper(monkeypatch, tmp_path, "x {0} cgroup2 rw 0 0\n", "0::/a/b\n")
    assert environment._quota() == 2.0


def on_paper(monkeypatch, folder, mounts, own):
    """Mounts and own groups as a test says."""
    for name, text in (("_MOUNTS", mounts), ("_OWN", own)):
        (folder / name).write_text(text.format(folder))
        monkeypatch.setattr(own_groups, name, folder / name)


@pytest.mark.parametrize(
    ("mounts", "own", "quota"),
    [
        ("x {0}/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n", "4:cpuacct,cpu:/a\n0::/\n", 0.5),
        ("x {0}/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n", "4:cpuacct,cpu:/outside/of/this/container\n", 3.0),
        ("x {0}/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n", "4:cpuacct,cpu:/../beside\n", None),
        ("x {0}/m cgroup rw,memory 0 0\n", "4:memory:/a\n", None),
        ("x / ext4 rw 0 0\n", "0::/\n", None),
    ],
    ids=["named in another order", "in a container", "above what is seen", "no CPU", "not mounted"],
)
def test_a_quota_is_found_where_the_groups_are_mounted(tmp_path, monkeypatch, mounts, own, quota):
    """The folder was made of the controllers in the order of /proc/self/cgroup, which is not always that of the mount."""
    inside = tmp_path / "cpu,cpuacct" / "a"
    inside.mkdir(parents=True)
    for folder, quota_us in ((inside, 50_000), (inside.parent, 300_000)):
        (folder / "cpu.cfs_quota_us").write_text(f"{quota_us}\n")
        (folder / "cpu.cfs_period_us").write_text("100000\n")
    on_paper(monkeypatch, tmp_path, mounts, own)
    assert environment._quota() == quota


def test_where_no_groups_are_told_there_is_no_quota(monkeypatch):
    monkeypatch.setattr(own_groups, "_OWN", Path("/nowhere/cgroup"))
    assert environment._quota() is None


def test_no_user_host_or_folder_is_recorded_unless_asked_for():
    plain = json.dumps(asdict(environment.describe({}, identify=False)))
    told = json.dumps(asdict(environment.describe({}, identify=True)))
    for private in (os.getcwd(), platform.node()):
        assert private not in plain
        assert private in told
    assert f'"{getpass.getuser()}"' not in plain


def test_what_it_says_of_this_interpreter_is_so():
    here = environment.describe({"numpy": "2"}, identify=False)
    assert here.python == platform.python_version()
    assert here.packages == {"numpy": "2"}
    assert 1 <= here.usable_cores <= here.logical_cores
    assert here.memory_bytes > 10**8
    assert python_name().startswith(f"{platform.python_implementation().lower()}-{platform.python_version()}")
