import itertools
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import msgspec
import psutil
import pytest
from rich.console import Console

from bench.accounting.account import Finished
from bench.accounting.command import Measured
from bench.accounting.layers import Layers
from bench.accounting.neighbours import Neighbour, Neighbours
from bench.cli import doctor_command
from bench.cli.main import main
from bench.doctor import cores, examination, hardware_counters, layers, moment, noise, prover, proving, rights
from bench.doctor.system import System
from bench.doctor.verdict import NOISE, verdict_of
from bench.measure.engine.ensemble import measured
from bench.quantities import elapsed_call_s
from bench.records.block import Block, Outcome
from bench.records.diagnosis import Diagnosis, Fact, Noise, Proof, State, Verdict
from bench.records.use import Accounting, Method, Samples, Sampling, Window
from bench.report.doctor import facts as shown
from bench.report.doctor.noise import TOPIC, noise_fact
from tests.commands import until
from tests.conftest import ROOT, environment

KEY = "primes/quick/serial/1/-/cpython-3.11.7"
HERE = System()
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc and control groups")


@pytest.fixture(autouse=True)
def _signals():
    """The command line takes SIGTERM for itself, which no other test's children shall inherit."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def nothing(tmp_path, monkeypatch) -> System:
    """A system without a single file in /proc and /sys, as psutil sees it too."""
    monkeypatch.setattr(layers.psutil, "PROCFS_PATH", str(tmp_path / "proc"))
    return System(tmp_path)


def system(root, **files) -> System:
    """A system with these files; `__` in a name stands for a slash."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return System(root)


def one(look, system=HERE) -> Fact:
    """The one fact that a look finds, or the one that says why it finds none."""
    (fact,) = examination.tried("a group", "a topic", look, system)
    return fact


# Facts


def test_where_there_is_no_proc_and_no_sys_facts_are_absent_and_nothing_stops(nothing):
    facts = examination.examine(nothing)
    states = {each.topic: each.state for each in facts}
    for topic in ("/proc", "control groups", "governor", "turbo", "others' CPU", "stolen time", "memory"):
        assert states[topic] is State.ABSENT, topic
    for each in facts:
        assert each.value
        assert each.meaning
        assert (each.state is State.GOOD) == (each.hint == ""), each


def test_what_a_system_lacks_is_told_in_its_own_words_and_not_by_an_exceptions_name(monkeypatch):
    monkeypatch.delattr(moment.psutil, "getloadavg")
    assert one(moment.load).value == "cannot be told (psutil tells no load here)"


@LINUX
def test_facts_of_this_machine_are_complete():
    facts = examination.examine()
    assert {each.group for each in facts} == set(examination.SHOWN)
    assert [name for name, _ in itertools.groupby(each.group for each in facts)] == list(examination.SHOWN)
    topics = {each.topic for each in facts}
    assert {"CPU by control group", "wait4", "wall clock", "others' CPU clock", "cores", "load", "/proc"} <= topics
    assert [each.topic for each in facts if each.needed] == ["psutil"]
    for each in facts:
        assert (each.state is State.GOOD) == (each.hint == ""), each


def test_a_look_that_fails_is_absent_with_its_reason():
    def look(_):
        raise PermissionError(13, "Permission denied")

    fact = one(look)
    assert (fact.group, fact.topic, fact.state) == ("a group", "a topic", State.ABSENT)
    assert "PermissionError: [Errno 13] Permission denied" in fact.value


@pytest.mark.parametrize(
    ("look", "files", "state", "said"),
    [
        (cores.governor, {"sys__devices__system__cpu__cpu0__cpufreq__scaling_governor": "powersave\n"}, "limited", "powersave"),
        (cores.governor, {"sys__devices__system__cpu__cpu0__cpufreq__scaling_governor": "performance\n"}, "good", "performance"),
        (cores.turbo, {"sys__devices__system__cpu__intel_pstate__no_turbo": "0\n"}, "limited", "on"),
        (cores.turbo, {"sys__devices__system__cpu__intel_pstate__no_turbo": "1\n"}, "good", "off"),
        (cores.turbo, {"sys__devices__system__cpu__cpufreq__boost": "1\n"}, "limited", "on"),
        (cores.turbo, {"sys__devices__system__cpu__cpufreq__boost": "0\n"}, "good", "off"),
        (cores.turbo, {"sys__devices__system__cpu__cpufreq__boost": "?\n"}, "absent", "not told"),
        (cores.isolation, {"sys__devices__system__cpu__isolated": "2-3\n"}, "limited", "2-3"),
    ],
)  # fmt: skip
def test_settings_of_the_cores_are_read_from_where_the_kernel_keeps_them(tmp_path, look, files, state, said):
    fact = one(look, system(tmp_path, **files))
    assert (fact.state, fact.value) == (state, said)


def test_no_isolated_cores_are_no_fact(tmp_path):
    assert list(cores.isolation(system(tmp_path, sys__devices__system__cpu__isolated="\n"))) == []


def test_the_switch_for_turbo_turns_it_off(tmp_path):
    intel = one(cores.turbo, system(tmp_path / "a", sys__devices__system__cpu__intel_pstate__no_turbo="0"))
    other = one(cores.turbo, system(tmp_path / "b", sys__devices__system__cpu__cpufreq__boost="1"))
    assert intel.hint == "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
    assert other.hint == "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"


@pytest.mark.parametrize(
    ("usable", "logical", "physical", "state"),
    [(1, 8, 8, "limited"), (8, 8, 4, "limited"), (4, 8, 4, "good"), (8, 8, 8, "good"), (8, 8, None, "good")],
)
def test_one_core_and_shared_cores_are_limits(monkeypatch, usable, logical, physical, state):
    monkeypatch.setattr(cores.psutil, "cpu_count", lambda logical=True: given[logical])
    monkeypatch.setattr(cores.environment, "default_workers", lambda: (usable, "affinity"))
    given = {True: logical, False: physical}
    assert one(cores.cores).state == state


@pytest.mark.parametrize(
    ("options", "state"),
    [("rw,relatime", "good"), ("rw,hidepid=0", "good"), ("rw,hidepid=2", "limited"), ("rw,hidepid=invisible", "limited")],
)  # fmt: skip
def test_hidden_processes_are_a_limit(tmp_path, options, state):
    mounts = f"proc /proc proc {options} 0 0\n"
    facts = {each.topic: each for each in rights.other_processes(system(tmp_path, proc__self__mounts=mounts))}
    assert facts["/proc"].state == state


def test_a_missing_layer_gives_its_reason_and_the_way_to_get_it(monkeypatch):
    places = replace(
        Layers().places, why_no_cpu="cannot make a group: Permission denied", why_no_memory="no controller"
    )
    found = Layers(places, absent={"cgroup": "cannot make a group: Permission denied", "wait4": "no subreaper"})
    monkeypatch.setattr(layers, "probe", lambda: found)
    facts = {each.topic: each for each in layers.layers(System())}
    assert facts["CPU by control group"].value == "cannot make a group: Permission denied"
    assert "systemd-run --user --scope -p Delegate=yes" in facts["CPU by control group"].hint
    assert facts["memory by control group"].value == "no controller"
    assert facts["wait4"].state is State.ABSENT
    assert facts["psutil"].state is State.GOOD


def test_control_groups_that_are_not_ours_are_absent_with_the_way_to_get_them(monkeypatch, tmp_path):
    places = replace(Layers().places, why_no_cpu="cannot make a group in /x: Permission denied")
    monkeypatch.setattr(rights, "probe", lambda: Layers(places))
    mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
    files = {"proc__self__mounts": mounts, "sys__fs__cgroup__cgroup.controllers": "cpu memory\n"}
    fact = one(rights.control_groups, system(tmp_path, **files))
    assert fact.state is State.ABSENT
    assert "version 2; version 2 offers cpu memory; cannot make a group in /x" in fact.value
    assert fact.hint == rights.DELEGATE


@pytest.mark.parametrize(
    ("code", "state"), [(None, "good"), (13, "limited"), (1, "limited"), (2, "absent"), (95, "absent")]
)
def test_what_keeps_hardware_counters_from_opening_decides_the_hint(monkeypatch, tmp_path, code, state):
    monkeypatch.setattr(hardware_counters, "refusal", lambda: None if code is None else OSError(code, "no"))
    fact = one(rights.counters, system(tmp_path, proc__sys__kernel__perf_event_paranoid="2\n"))
    assert fact.state == state
    assert "perf_event_paranoid is 2" in fact.value


def test_elsewhere_than_on_linux_hardware_counters_are_absent(monkeypatch):
    monkeypatch.setattr(hardware_counters.sys, "platform", "darwin")
    assert "perf_event_open needs Linux" in one(rights.counters).value


@LINUX
def test_asking_for_a_hardware_counter_leaves_no_descriptor_and_gives_a_reason():
    import psutil

    before = psutil.Process().num_fds()
    error = hardware_counters.refusal()
    assert error is None or error.errno
    assert psutil.Process().num_fds() == before


def test_what_one_system_alone_has_is_not_needed_to_look():
    code = (
        "import sys, time, os, psutil\n"  # which needs them itself, on the systems that have them
        "for name in ('resource', 'fcntl', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
        "del time.clock_gettime, os.sysconf, os.geteuid\n"
        "from bench.doctor import clocks, examination, prover, proving, rights\n"
        "from bench.doctor.examination import tried\n"
        "from bench.doctor.system import System\n"
        "for each in (rights.descriptors, clocks.ticks, clocks.staleness, rights.privilege):\n"
        "    print(*[fact.state for fact in tried('g', 't', each, System())])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["absent", "absent", "absent", "", ""]


def test_a_busy_machine_is_a_limit(monkeypatch):
    def of_others(cores):
        seen = [Neighbour(4711, "secret", cores)]
        return lambda usable: Neighbours(0.25, seen, 0.0, 0.0, None, taken_cores=cores, usable_cores=usable)

    monkeypatch.setattr(moment.neighbours, "look", of_others(0.3))
    fact = one(moment.others)
    assert fact.state is State.LIMITED
    assert fact.value == "30 % of a core, over 250 ms"
    assert "secret" not in repr(fact)  # it may be published
    monkeypatch.setattr(moment.neighbours, "look", of_others(0.09))
    assert one(moment.others).state is State.GOOD


def test_where_processes_cannot_be_told_apart_nothing_can_be_measured(monkeypatch, capsys):
    monkeypatch.setattr(layers, "why_blind", lambda: "psutil cannot tell processes apart")
    monkeypatch.setattr(doctor_command, "measure_noise", lambda *_: pytest.fail("nothing can be measured"))
    assert main(["doctor", "--prove"]) == 3
    assert "psutil cannot tell processes apart" in " ".join(capsys.readouterr().out.split())


# The verdict


def facts_where(good, absent=()) -> list[Fact]:
    states = dict.fromkeys(good, State.GOOD) | dict.fromkeys(absent, State.ABSENT)
    return [Fact("g", topic, "v", state, "m", "" if state is State.GOOD else "h") for topic, state in states.items()]


def test_the_verdict_follows_the_best_layer_there_is():
    groups = ["wall clock", "CPU by control group", "memory by control group", "wait4", "ledger"]
    assert "CPU of blocks and rounds" in verdict_of(facts_where(groups)).exact
    without = verdict_of(facts_where(groups[3:], groups[:3]))
    assert any("CPU, by what somebody waits for" in each for each in without.bounded)
    assert any("added up from single processes" in each for each in without.bounded)
    floor = verdict_of(facts_where(["psutil"], groups))
    assert "CPU, a lower bound" in floor.bounded
    assert not floor.exact
    assert any("page faults" in each for each in floor.unknown)


def test_the_verdict_names_the_noise_floor_or_says_that_it_is_unknown():
    assert "how noisy this machine is" in verdict_of([]).unknown
    known = Fact("noise", NOISE, "in 8 s, differences below 2 %", State.LIMITED, "m", "h")
    assert verdict_of([known]).bounded[-1] == "comparisons of time (in 8 s, differences below 2 %)"
    assert NOISE == TOPIC


# The noise floor


def arms(first, second, **changes) -> Noise:
    made = Noise(KEY, 8.0, dict(enumerate(first)), dict(enumerate(second)))
    return replace(made, **changes)


def pair_of(first_s, second_s) -> list[Block]:
    """An ensemble's blocks: rounds of two calls each that take so long, after a first of one."""
    return [
        Block(KEY, 0, Outcome.OK, rounds=[Window(0, 99.0), *[Window(0, 2 * wall_s)] * 3], calls=[1, 2, 2, 2], arm=arm)
        for wall_s, arm in ((first_s, "first"), (second_s, "second"))
    ]


@pytest.mark.parametrize(("limit_s", "pairs"), [(0, 1), (2, 1), (9, 4), (10, 4), (10.5, 5)])
def test_pairs_are_measured_until_another_would_not_fit_and_one_in_any_case(monkeypatch, limit_s, pairs):
    """Each takes two seconds, by the clock that it moves."""
    now_s = itertools.count(100, 2)
    clock = [next(now_s)]

    def pair(number):
        clock[0] = next(now_s)
        return pair_of(1.0 + number, 2.0 + number)

    monkeypatch.setattr(noise.time, "monotonic", lambda: clock[0])
    found = noise.noise_of(pair, KEY, limit_s)
    assert found.first == {number: 1.0 + number for number in range(pairs)}
    assert found.second == {number: 2.0 + number for number in range(pairs)}
    assert (found.took_s, found.failed) == (2 * pairs, "")


def test_an_ensemble_of_a_case_with_itself_is_measured(monkeypatch):
    seen = []

    def noticed(ensemble, amounts):
        blocks = measured(ensemble, amounts)
        seen.append(blocks)
        return blocks

    monkeypatch.setattr(noise, "measured", noticed)
    found = noise.measure_noise(0, lambda _: None)
    ((first, second),) = seen
    assert (first.arm, second.arm) == ("first", "second")
    assert first.case == second.case == found.case
    assert first.rested_s > 0, "it held still while the other had its turns"
    assert second.rested_s > 0
    assert found.first == {0: elapsed_call_s(first)}
    assert found.second == {0: elapsed_call_s(second)}


def test_two_identical_arms_cannot_be_told_apart():
    walls_s = [0.100, 0.101, 0.0995, 0.102, 0.1005, 0.1, 0.101, 0.0998]
    fact = noise_fact(arms(walls_s, walls_s))
    assert fact.state is State.GOOD
    assert "ratio 1.0000 to 1.0000" in fact.meaning
    swapped = noise_fact(arms(walls_s, walls_s[::-1]))
    low, high = (float(each) for each in swapped.meaning.split("ratio ")[1].split(" at")[0].split(" to "))
    assert low <= 1 <= high
    assert "blocks from 99.5 ms to 102 ms, 2.5 % apart, those of a pair at most 1.5 %" in swapped.meaning


def test_the_floor_is_how_far_the_interval_of_equal_arms_reaches():
    first = [1.00, 1.05, 0.97, 1.02, 0.95, 1.01]
    fact = noise_fact(arms(first, [1.0] * 6))
    assert "in 8.0 s, differences below 5.3 % cannot be told from nothing" in fact.value  # 1 / 0.95
    assert fact.state is State.LIMITED
    assert "--noise 32" in fact.hint


def test_arms_that_differ_where_they_should_not_are_said_to():
    fact = noise_fact(arms([1.01] * 8, [1.0] * 8))
    assert fact.state is State.LIMITED
    assert "equal sides came out as different" in fact.meaning


def test_too_few_pairs_make_no_floor():
    fact = noise_fact(arms([1.0] * 5, [1.0] * 5))
    assert (fact.state, fact.needed) == (State.ABSENT, False)
    assert "5 pairs of blocks in 8.0 s, and 6 are needed" in fact.value


@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("which", [0, 1])
def test_a_block_that_fails_means_that_measuring_does_not_work(number, which):
    def pair(of):
        blocks = pair_of(1.0, 1.0)
        if of == number:
            blocks[which] = Block(KEY, of, Outcome.KILLED, "out of memory")
        return blocks

    found = noise.noise_of(pair, KEY, 60.0)
    assert len(found.first) == len(found.second) == number
    fact = noise_fact(found)
    assert "a block of primes at scale quick under serial could not be measured: killed: out of memory" in fact.value
    assert not Diagnosis([fact], Verdict()).is_healthy


# What is shown

FACTS = [
    Fact("clocks", "wall clock", "steps of 40 ns", State.GOOD, "far finer than any round"),
    Fact("clocks", "governor [x]", "powersave " * 12, State.LIMITED, "cores speed up with load", "cpupower " * 12),
    Fact("rights", "hardware counters", "none offered", State.ABSENT, "instructions stay unknown", "use bare metal"),
]


def text_of(found: Diagnosis, width: int, **options) -> str:
    console = Console(width=width, highlight=False, **options)
    with console.capture() as captured:
        console.print(shown.diagnosis_text(found))
    return captured.get()


@pytest.mark.parametrize("width", [80, 160])
def test_every_fact_is_shown_with_its_state_as_a_word_and_its_hint_on_the_next_line(width):
    found = Diagnosis(FACTS, verdict_of(FACTS), proofs=[proof(), proof(quantity="memory", measured=2e9, series_s=None)])
    text = text_of(found, width, color_system=None)
    assert max(map(len, text.splitlines())) <= width
    lines = [line.strip() for line in text.splitlines()]
    for each in FACTS:
        assert any(line.startswith(f"{each.state} ") and each.topic in line for line in lines)
    assert lines[next(i for i, line in enumerate(lines) if "none offered" in line) + 1] == "→ use bare metal"
    assert " ".join(text.split()).count("cpupower") == 12
    assert [line.split()[0] for line in lines if line][-3:] == ["exact", "bounded", "unknown"] or "unknown here" in text
    assert lines.index("verdict") > lines.index("rights")


def test_json_says_what_the_text_says(monkeypatch, capsys):
    monkeypatch.setattr(doctor_command, "examine", lambda: FACTS)
    assert main(["doctor", "--noise", "0"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert main(["doctor", "--noise", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["facts"] == [
        {name: getattr(each, name) for name in ("group", "topic", "value", "state", "meaning", "hint", "needed")}
        for each in FACTS
    ]
    for each in found["facts"]:
        for words in (each["topic"], each["value"], each["meaning"], each["hint"]):
            assert " ".join(words.split()) in text
    for each in itertools.chain(*found["verdict"].values()):
        assert each in text


# Proofs


def proof(**changes) -> Proof:
    """A number of a second, right to the millisecond, bounded to one."""
    made = Proof(
        "200 × 5 ms reaped", "cpu", "cgroup", "cgroup v2", truth=1.0, besides=0.05, besides_least=0.04,
        besides_most=0.06, measured=1.051, goal=0.1, bound="exact", below=0.001, above=0.001, series_s=1.051,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("changes", "inside", "meets_goal"),
    [
        ({}, True, True),
        ({"measured": 1.0615}, False, True),
        ({"measured": 1.0605}, True, True),
        ({"measured": 1.0385}, False, True),
        ({"measured": 1.0385, "below": None}, True, True),
        ({"measured": 0.02, "below": None}, True, False),
        ({"measured": 0.02}, False, False),
        ({"measured": 2.0, "below": None}, False, False),
        ({"measured": 2.0, "above": None}, True, False),
        ({"measured": None, "unknown": "psutil never tells"}, None, None),
    ],
)
def test_a_number_holds_if_the_truth_lies_within_its_own_bound(changes, inside, meets_goal):
    made = proof(**({"series_s": None} | changes))
    assert (made.inside, made.meets_goal) == (inside, meets_goal)
    assert made.holds is (inside is not False)


def test_a_series_holds_if_it_adds_up_and_no_interval_has_more_than_all_cores():
    assert proof().adds_up
    assert proof(series_s=1.06).adds_up
    assert not proof(series_s=1.07).holds
    assert not proof(series_excess_s=0.001).holds


@pytest.mark.parametrize(
    ("changed", "status"), [(proof(), 0), (proof(measured=0.9), 3), (proof(series_s=0.5), 3), (proof(measured=None), 0)]
)
def test_prove_fails_when_a_number_is_outside_its_bound(monkeypatch, capsys, changed, status):
    monkeypatch.setattr(doctor_command, "examine", lambda: FACTS)
    monkeypatch.setattr(doctor_command, "prove", lambda _: iter([proof(), changed]))
    assert main(["doctor", "--noise", "0", "--prove"]) == status
    text = capsys.readouterr().out
    assert ("NOT PROVED" in text) is (status == 3)
    assert ("OUTSIDE" in text) is (changed.inside is False)
    assert ("WRONG" in text) is (changed.adds_up is False)


class Machine:
    """Stands in for the accounting: programs cost what they cost, and each layer sees a part of it."""

    def __init__(self, seen, below=0.001):
        self.seen, self.below = seen, below
        self.asked = []

    def __call__(self, command, layer):
        program, *arguments = [word.rpartition("/")[2] for word in command[3:]]
        self.asked.append((program, layer))
        if program == "burner.py":
            _, children, milliseconds, _ = arguments
            truth = int(children) * int(milliseconds) / 1000 + 0.02
            used = truth + 0.00025 * int(children)
            window = Window(0, 1.0, cpu_s=used * self.seen[layer])
            output = f"{truth:.6f}\n"
        else:
            kind, mib, readers, _ = arguments
            held = int(mib) * (1 + int(readers)) if kind == "private" else int(mib)
            window = Window(0, 1.0, peak_memory_bytes=round(((held << 20) + 8_000_000) * self.seen[layer]))
            output = f"{held}\n"
        method = Method(layer, "as it was told", self.below, self.below)
        memory = Method(layer, "as it was told", None if self.below is None else 4 << 20, 4 << 20)
        accounting = Accounting(method, method, memory, {}, {}, {})
        samples = Samples(at_s=[5.0, 10.0], cpu_s=[0.1, window.cpu_s or 0.0])
        return Measured(
            0,
            output.encode(),
            Finished(window, accounting, samples, Sampling("proc", 20, 20, None, 0, 0, None, 0, None)),
        )


def test_layers_that_see_everything_prove_everything():
    machine = Machine({"cgroup": 1.0, "wait4": 1.0, "psutil": 1.0})
    found = list(proving.proofs(machine, ["cgroup", "wait4", "psutil"], ["cgroup", "psutil"]))
    assert len(found) == proving.how_many(["cgroup", "wait4", "psutil"], ["cgroup", "psutil"]) == 4 * 3 * 3 + 3 * 2
    assert all(each.holds and each.meets_goal for each in found)
    assert {each.asked for each in found} == {"cgroup", "wait4", "psutil"}
    assert {each.program for each in found} >= {"1000 × 1 ms reaped", "50 × 20 ms orphaned", "300 MiB spike, 1 process"}
    for each in found:
        if each.quantity == "cpu":
            assert 0.9 < each.truth < 1.1
            assert each.error == pytest.approx(0, abs=1e-6)


def test_a_layer_that_misses_most_and_states_a_bound_is_found_out():
    machine = Machine({"cgroup": 1.0, "psutil": 0.05})
    found = list(proving.proofs(machine, ["cgroup", "psutil"], ["cgroup"]))
    assert all(not each.inside and not each.meets_goal for each in found if each.asked == "psutil")
    assert all(each.holds for each in found if each.asked == "cgroup")
    assert not Diagnosis([], Verdict(), proofs=found).is_healthy


def test_a_layer_that_misses_most_and_says_so_holds_and_misses_the_goal():
    machine = Machine({"cgroup": 1.0, "psutil": 0.05}, below=None)
    found = [each for each in proving.proofs(machine, ["cgroup", "psutil"], []) if each.asked == "psutil"]
    assert all(each.holds and not each.meets_goal for each in found)


def test_two_of_a_hundred_too_much_at_the_best_layer_is_found_out_with_the_longest_children():
    machine = Machine({"cgroup": 1.02, "wait4": 1.02})
    found = list(proving.proofs(machine, ["cgroup", "wait4"], []))
    assert all(not each.holds for each in found if each.program.startswith("50 × 20"))


def test_what_is_used_besides_is_measured_by_the_best_layer_alone():
    machine = Machine({"wait4": 1.0, "psutil": 0.05}, below=None)
    found = list(proving.proofs(machine, ["wait4", "psutil"], []))
    besides = {(each.program, each.asked): each.besides for each in found}
    assert besides["200 × 5 ms reaped", "psutil"] == besides["200 × 5 ms reaped", "wait4"] == pytest.approx(0.05)


def test_without_a_layer_that_could_tell_the_truth_is_known_less_well():
    (first, *_) = proving.proofs(Machine({"psutil": 1.0}, below=None), ["psutil"], [])
    assert (first.besides_least, first.besides_most) == (0.0, 2.0)
    assert first.holds


def test_a_program_that_does_not_run_here_proves_nothing_and_fails_nothing():
    def measure(command, layer):
        return replace(Machine({"ledger": 1.0})(command, layer), status=1, output=b"")

    found = list(proving.proofs(measure, ["ledger"], ["ledger"]))
    assert {each.measured for each in found} == {None}
    assert "burner.py reaped exited with status 1" in found[0].unknown
    assert all(each.holds for each in found)
    assert "no number: burner.py reaped exited with status 1" in text_of(Diagnosis([], Verdict(), proofs=found), 160)


def test_only_layers_that_are_there_are_tried():
    assert prover.layers_here(Layers()) == (["psutil"], ["psutil"])
    assert prover.layers_here(Layers(wait4=True, ledger=True)) == (["wait4", "ledger", "psutil"], ["ledger", "psutil"])


@pytest.mark.long
@LINUX
def test_the_programs_themselves_are_measured_under_every_layer_of_this_machine():
    """Only the goals are held to here: bounds are tighter than the truth is known while tests keep the cores busy.

    Nor is it known then what creating processes costs at the moment, so one that misses its goal is measured again.
    """
    code = (
        "import msgspec\n"
        "from functools import partial\n"
        "from bench.doctor import prover, proving\n"
        "from bench.accounting.layers import engage\n"
        "proving._CHILDREN = {20: 20}\n"
        "proving._HOLDINGS = {'private': (16, 1)}\n"
        "print(msgspec.json.encode(list(proving.proofs(partial(prover._measure, -1), *prover.layers_here(engage())))).decode())\n"
    )
    missed = None
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        found = msgspec.json.decode(done.stdout, type=list[Proof])
        assert {each.asked for each in found} >= {"wait4", "psutil"}
        assert {each.quantity for each in found} == {"cpu", "memory"}
        for each in found:
            assert each.unknown == ""
            assert each.adds_up is not False, each
        again = {(each.program, each.quantity, each.asked): each for each in found if _misses(each)}
        missed = again if missed is None else {key: again[key] for key in again.keys() & missed.keys()}
        if not missed:
            return
    pytest.fail(f"missed in each of three measurements: {missed}")


def _misses(proof):
    lossy = proof.program.endswith("ignored") and proof.asked != "cgroup"
    return not (proof.meets_goal or proof.inside or lossy or proof.asked == "psutil")


@LINUX
@pytest.mark.parametrize("ending", ["reaped", "unreaped", "ignored", "orphaned"])
def test_a_burner_tells_what_it_burned(ending):
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "bench" / "oracles" / "burner.py"), ending, "5", "10", "2"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert 0.05 <= float(done.stdout) < 0.2


def test_an_oracle_says_how_it_is_used():
    for name in ("burner.py", "memory_truth.py"):
        command = [sys.executable, "-I", "-S", str(ROOT / "bench" / "oracles" / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert f"{name} " in done.stderr


# The whole


def test_the_command_looks_measures_and_judges(bench):
    done = bench("doctor", "--noise", "2.5", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["facts"][-1]["topic"] == NOISE
    assert found["noise"]["first"]
    assert found["noise"]["first"].keys() == found["noise"]["second"].keys()
    assert found["proofs"] == []
    assert "Examples:" in bench("doctor", "--help").stdout
    assert "doctor" in bench("--help").stdout


LOOKING = """
import time
from bench.doctor.subject import burning
with burning() as pid:
    print(pid, flush=True)
    time.sleep(60)
"""


def test_what_it_tries_things_on_goes_with_it():
    command = [sys.executable, "-P", "-c", LOOKING]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as looking:
        assert looking.stdout is not None
        burning = psutil.Process(int(looking.stdout.readline()))
        looking.kill()
        began = time.monotonic()
        until(lambda: not burning.is_running() or burning.status() == psutil.STATUS_ZOMBIE, "it goes on")
    assert time.monotonic() - began < 4, "it ended by itself"
