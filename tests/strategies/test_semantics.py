"""What the tutorials say of processes holds: with real ones, and nothing that only may happen."""

import hashlib
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager

import pytest

METHODS = multiprocessing.get_all_start_methods()
FORK = multiprocessing.get_context("fork")
LONG_S = 60.0
"""More than anything here takes: what lasts so long hangs."""
every_start_method = pytest.mark.parametrize("method", METHODS)
# from Python 3.12 on a fork warns where pytest itself has threads, as under pytest-xdist
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@contextmanager
def started(target, *arguments, context=FORK, **keywords):
    process = context.Process(target=target, args=arguments, **keywords)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def received(line):
    assert line.poll(LONG_S), "nothing came"
    return line.recv()


def run_script(tmp_path, text):
    (tmp_path / "script.py").write_text(textwrap.dedent(text))
    return subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=LONG_S, check=False
    )


def say_hello_and_sleep(line):
    line.send(os.getpid())
    time.sleep(LONG_S)


def end_with(code):
    sys.exit(code)


@every_start_method
def test_the_exit_code_is_minus_the_signal_that_ended_a_process(method):
    context = multiprocessing.get_context(method)
    for end, code in (("terminate", -15), ("kill", -9)):
        mine, theirs = context.Pipe()
        with mine, theirs, started(say_hello_and_sleep, theirs, context=context) as process:
            assert received(mine) == process.pid
            assert process.exitcode is None
            getattr(process, end)()
            process.join()
            assert process.exitcode == code
            assert not process.is_alive()


def test_the_exit_code_is_what_sys_exit_says_and_1_after_an_exception(capfd):
    for target, argument, code in ((end_with, None, 0), (end_with, 7, 7), (int, "x", 1)):
        with started(target, argument) as process:
            process.join()
            assert process.exitcode == code
    assert "invalid literal for int()" in capfd.readouterr().err


def start_a_child_of_ones_own(line):
    try:
        FORK.Process(target=os.getpid).start()
    except AssertionError as error:
        line.send(str(error))


def test_a_daemon_may_not_have_children():
    mine, theirs = FORK.Pipe()
    with mine, theirs, started(start_a_child_of_ones_own, theirs, daemon=True):
        assert received(mine) == "daemonic processes are not allowed to have children"


@pytest.mark.parametrize(("daemon", "said"), [(True, []), (False, ["the child ends by itself"])])
def test_a_daemon_is_terminated_when_its_parent_exits_and_any_other_process_is_waited_for(tmp_path, daemon, said):
    done = run_script(
        tmp_path,
        f"""
        import multiprocessing, os, time

        def work():
            print(os.getpid(), flush=True)
            line.send(None)
            time.sleep({LONG_S / 2 if daemon else 0.1})
            print("the child ends by itself", flush=True)

        line, mine = multiprocessing.get_context("fork").Pipe()
        multiprocessing.get_context("fork").Process(target=work, daemon={daemon}).start()
        mine.recv()
        """,
    )
    assert (done.returncode, done.stderr) == (0, "")
    process_id, *rest = done.stdout.splitlines()
    assert rest == said
    with pytest.raises(ProcessLookupError):
        os.kill(int(process_id), 0)


def test_fork_returns_twice():
    reading, writing = os.pipe()
    returned = os.fork()
    if returned == 0:
        os.write(writing, json.dumps([returned, os.getpid(), os.getppid()]).encode())
        os._exit(3)
    os.close(writing)
    with open(reading) as file:
        in_child, child, parent_of_child = json.load(file)
    _, status = os.waitpid(returned, 0)
    assert in_child == 0
    assert child == returned
    assert parent_of_child == os.getpid()
    assert os.waitstatus_to_exitcode(status) == 3


def digest_of_authkey():
    return hashlib.sha256(multiprocessing.current_process().authkey).hexdigest()


def send_result(line, function, *arguments, **keywords):
    line.send(function(*arguments, **keywords))


@every_start_method
def test_children_have_the_parents_authkey_though_it_does_not_pickle(method):
    context = multiprocessing.get_context(method)
    mine, theirs = context.Pipe()
    with mine, theirs, started(send_result, theirs, digest_of_authkey, context=context):
        assert received(mine) == digest_of_authkey()
    with pytest.raises(TypeError, match="disallowed for security reasons"):
        pickle.dumps(multiprocessing.current_process().authkey)


def describe(line, *arguments, **keywords):
    line.send((multiprocessing.current_process().name, os.getpid(), arguments, keywords))
    line.recv()


@every_start_method
def test_a_process_has_a_name_arguments_an_id_and_a_life_that_a_join_may_not_see_the_end_of(method):
    context = multiprocessing.get_context(method)
    mine, theirs = context.Pipe()
    process = context.Process(target=describe, args=(theirs, 1), kwargs={"two": 2}, name="downloader")
    assert (process.pid, process.is_alive(), process.exitcode) == (None, False, None)
    process.start()
    with mine, theirs:
        assert received(mine) == ("downloader", process.pid, (1,), {"two": 2})
        process.join(timeout=0.05)
        assert process.is_alive() and process.exitcode is None, "the join ended before the process"
        mine.send("end")
        process.join()
    assert (process.is_alive(), process.exitcode) == (False, 0)
    process.close()


def test_the_parent_goes_on_after_start_before_the_childs_first_line(tmp_path):
    """The child is held back until the parent has said its line: if `start` waited for it, neither would go on."""
    done = run_script(
        tmp_path,
        """
        import multiprocessing, os

        reading, writing = os.pipe()
        os.register_at_fork(after_in_child=lambda: os.read(reading, 1))
        process = multiprocessing.get_context("fork").Process(target=print, args=("child",), kwargs={"flush": True})
        process.start()
        print("parent", flush=True)
        os.write(writing, b".")
        process.join()
        """,
    )
    assert (done.stdout.split(), done.stderr) == (["parent", "child"], "")


def test_a_process_is_started_once():
    with started(os.getpid) as process, pytest.raises(AssertionError, match="cannot start a process twice"):
        process.start()


SPAWNING = """
import multiprocessing

print("loaded as", __name__, flush=True)

def work():
    print("worked in", __name__, flush=True)

def main():
    process = multiprocessing.get_context("{method}").Process(target=work)
    process.start()
    process.join()
    print("exit code", process.exitcode)

{guard}main()
"""


@pytest.mark.parametrize(
    ("method", "loaded", "worked"),
    [("spawn", ["__main__", "__mp_main__"], "__mp_main__"), ("fork", ["__main__"], "__main__")],
)
def test_spawn_runs_the_main_module_again_under_another_name(tmp_path, method, loaded, worked):
    done = run_script(tmp_path, SPAWNING.format(method=method, guard='if __name__ == "__main__": '))
    assert done.stdout.splitlines() == [*(f"loaded as {each}" for each in loaded), f"worked in {worked}", "exit code 0"]


def test_a_script_without_the_guard_cannot_spawn(tmp_path):
    done = run_script(tmp_path, SPAWNING.format(method="spawn", guard=""))
    assert done.stdout.splitlines() == ["loaded as __main__", "loaded as __mp_main__", "exit code 1"]
    assert "if __name__ == '__main__':" in done.stderr
