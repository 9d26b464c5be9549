"""What one platform alone has is imported at no module's top, and what needs it is unavailable with a reason.

Tried in a process from which those modules and functions have been taken away, and whose platform has another name.
"""

import sys

import pytest

from tests.conftest import ROOT
from tests.outside import in_own_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: there is nothing to take away elsewhere")

ELSEWHERE = r"""
import asyncio, importlib, pathlib, pkgutil, select, signal, socket, socketserver, subprocess, time, traceback
import concurrent.futures.process, multiprocessing.managers, multiprocessing.pool, multiprocessing.shared_memory

# what is installed and the standard library find their own way on every platform; they are loaded before
for name in ("psutil click jinja2 matplotlib.pyplot msgspec numpy pandas PIL.Image rich.console joblib loky mpire"
             " uvloop http.server platformdirs selectors sqlite3 subprocess tempfile pytest").split():
    try:
        importlib.import_module(name)
    except ImportError:
        continue

HIDDEN = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty",
          "_posixshmem", "_posixsubprocess", "msvcrt", "winreg", "_winapi"}
TAKEN = {
    os: "WNOHANG WNOWAIT eventfd fork forkpty geteuid getloadavg getpgid getpriority getuid killpg memfd_create mkfifo"
        " P_PID pidfd_open posix_spawn pread pwrite register_at_fork SCHED_FIFO sched_getaffinity sched_setaffinity"
        " sched_setscheduler sendfile setsid splice sysconf uname wait wait3 wait4 waitid",
    signal: "SIGALRM SIGCHLD SIGKILL SIGUSR1 SIGUSR2 pthread_sigmask setitimer sigwait",
    socket: "recv_fds send_fds",
    select: "epoll kqueue poll",
    socketserver: "ForkingMixIn ForkingTCPServer ForkingUDPServer UnixStreamServer",
    time: "clock_getres clock_gettime CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID",
}

class Elsewhere:
    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Elsewhere())
for name in HIDDEN:
    sys.modules.pop(name, None)
for module, names in TAKEN.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
subprocess._USE_POSIX_SPAWN = False  # as it decides where there is none
sys.platform = "elsewhere"
multiprocessing.get_all_start_methods = lambda: ["spawn"]
"""
IMPORT_ALL = r"""
root, failed = pathlib.Path(sys.argv[1]), {}
for path in sorted([*root.glob("bench/**/*.py"), *root.glob("workloads/*.py")]):
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    name = "bench." * name.startswith("workloads") + name
    if not name.endswith("__main__"):
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = repr(error)
"""


def elsewhere(body):
    return in_own_process(ELSEWHERE + IMPORT_ALL + body, ROOT)


def test_every_module_can_be_imported():
    failed, count = elsewhere("answer([failed, sum(name.startswith('bench') for name in sys.modules)])")
    assert failed == {}
    assert count > 100


def test_strategies_that_need_what_is_missing_are_unavailable_and_say_what():
    unavailable = elsewhere(
        "from bench.plugins import registry\n"
        "answer({name: each.unavailable for name, each in registry.strategies.items() if each.unavailable})"
    )
    assert {"fork", "socketserver_processes", "start_fork"} <= {
        name for name, reason in unavailable.items() if reason == "needs os.fork"
    }
    assert unavailable["pool_inherited"] == "needs the start method fork"


def test_start_methods_that_are_missing_are_no_choices_and_no_defaults():
    found = elsewhere(
        "from bench.plugins import registry\n"
        "answer({name: [each.options['start_method'], list(each.choices['start_method'])]\n"
        "        for name, each in registry.strategies.items()\n"
        "        if 'start_method' in each.options and each.module.startswith('bench.') and not each.unavailable})"
    )
    assert found
    assert {tuple(choices) for _, choices in found.values()} == {("spawn",)}
    assert {default for default, _ in found.values()} <= {"spawn", "loky"}


def test_strategies_that_are_available_and_start_no_process_work():
    problems, tried = elsewhere("""
from functools import partial
from bench.plugins import registry
from bench.testing import suite
small = {"map": "small_jobs", "stream": "small_messages", "share": "one_slot", "sync": "in_turn", "start": "one"}
problems, tried = {}, 0
for name, each in registry.strategies.items():
    alone = each.isolation in ("none", "thread") and each.pattern in small  # servers have clients, which are processes
    if alone and not each.unavailable and not each.demonstration:
        tried += 1
        try:
            suite.hold(suite.checks(each)[small[each.pattern]], partial(each.bind, suite.WORKERS, {}))
        except Exception as error:
            problems[name] = traceback.format_exc()[-600:]
answer([problems, tried])
""")
    assert problems == {}
    assert tried >= 12


def test_layers_that_need_what_is_missing_are_absent_and_say_why():
    absent = elsewhere("from bench.accounting.layers import probe\nanswer(dict(probe().absent))")
    assert set(absent) >= {"cgroup", "wait4", "ledger"}
    assert "psutil" not in absent
    assert "needs Linux" in absent["ledger"]
    assert all(absent.values())


def test_psutil_reads_the_tree_and_marks_say_what_is_unknown():
    processes, cpu_s, unknown = elsewhere("""
import subprocess
from bench.accounting.account import Account
from bench.accounting.layers import probe
script = "import sys, time\\nwhile time.process_time() < 0.1: pass\\nprint(flush=True); sys.stdin.read()"
account = Account(probe(), "auto", 20, ())
first = account.snapshot(begins=True)
child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
second = account.snapshot(begins=False)
window = account.window("round 1", first, second, 0.0, 1.0)
account.close()
child.stdin.close()
answer([second.reading.processes, window.cpu_s, account._unknown])
""")
    assert processes == 1
    assert cpu_s >= 0.1 - 0.02
    assert {"minor_faults", "voluntary_switches", "read_bytes"} <= set(unknown)


def test_what_is_taken_away_matters_here():
    """Else these tests would hold of anything."""
    with pytest.raises(AssertionError, match="No module named 'fcntl'"):
        elsewhere("import fcntl")
