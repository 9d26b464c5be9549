"""Thousands of mutations of real files, each read as the commands read it: a result, or one line that says what is wrong.

`make test-all` tries some hundreds, and the gate as many as BENCH_FUZZ says, in parts that run beside each other.
"""

import copy
import gzip
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.analysis.history import history
from bench.analysis.loading import load
from bench.analysis.unpaired import compare
from bench.errors import RunFileError
from bench.quantities import COMPARED
from bench.report.export.formats import as_github_action, as_pytest_benchmark, unexported
from bench.report.history.text import as_json as history_as_json
from bench.report.verdicts.comparisons import as_json
from bench.selection import CaseFilter
from tests import builders
from tests.conftest import CASES, environment
from tests.store.test_store import guarded

PARTS = 8
TRIES = int(os.environ.get("BENCH_FUZZ", "400"))
LONGEST_S, MOST_BYTES = 10, 1 << 30
SCALARS = (
    0, -1, 1, 0.0, -0.0, 5e-324, 1e-310, 1e300, 1.7e308, -1e300, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, -(10**400),
    float("nan"), float("inf"), float("-inf"), True, False, None, "", " ", "x", "0", "1e400", "nan", "\0", "\x1b[31m",
    "\ud800", "{0}", "{x!r:>999999999}", "%s%n", "$\\frac{", "</script>", "../../etc/passwd", "a\nb", "\u202e", "é" * 300,
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00", "20260101", "2026-01-01T00:00:00Z",
)  # fmt: skip
CONTAINERS = ([], {}, [[]], [{}], {"": {}}, [None] * 50, {str(each): each for each in range(50)})


def deep(chance):
    """Nested as nothing of measurements is."""
    value = chance.choice(SCALARS)
    for _ in range(chance.choice([5, 100])):
        value = [value] if chance.random() < 0.5 else {"a": value}
    return value


def any_value(chance):
    kind = chance.random()
    if kind < 0.7:
        return chance.choice(SCALARS)
    return copy.deepcopy(chance.choice(CONTAINERS)) if kind < 0.97 else deep(chance)


def holders(value):
    """Every list and table of decoded JSON that holds something."""
    left, found = [value], []
    while left:
        each = left.pop()
        inner = list(each.values()) if isinstance(each, dict) else each if isinstance(each, list) else ()
        if inner:
            found.append(each)
            left += inner
    return found


def some_place(chance, document):
    """A list or table of decoded JSON and a key in it: by a way down that ends anywhere."""
    holder = document
    while True:
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
        if chance.random() < 0.2 or not isinstance(holder[key], dict | list) or not holder[key]:
            return holder, key
        holder = holder[key]


def mutate(chance, document):
    """Change something in it: a value, a key, an order, or how often it is there."""
    if not document:
        return
    holder, key = some_place(chance, document)
    what = chance.choice(["set", "set", "set", "remove", "rename", "double", "swap", "alike"])
    if what == "set":
        holder[key] = any_value(chance)
    elif what == "remove":
        del holder[key]
    elif what == "rename" and isinstance(holder, dict):
        holder[chance.choice([str(any_value(chance))[:50], *holder])] = holder.pop(key)
    elif what == "double" and isinstance(holder, list):
        holder += [copy.deepcopy(holder[key]) for _ in range(chance.choice([1, 3, 100]))]
    elif what == "swap":
        other, elsewhere = some_place(chance, document)
        holder[key], other[elsewhere] = copy.deepcopy(other[elsewhere]), copy.deepcopy(holder[key])
    elif what == "alike" and isinstance(holder, dict):
        value = any_value(chance)
        for each in holders(document):
            if isinstance(each, dict) and key in each:
                each[key] = copy.deepcopy(value)


def damage(chance, data):
    """Change bytes: flip, cut, repeat, insert, or compress."""
    data = bytearray(data)
    what = chance.choice(["flip", "cut", "repeat", "insert", "gzip", "cut gzip", "mark"])
    at = chance.randrange(len(data) + 1)
    if what == "flip" and at < len(data):
        data[at] = chance.randrange(256)
    elif what == "cut":
        del data[at:]
    elif what == "repeat":
        data[at:at] = data[at : at + chance.choice([1, 50, 5000])]
    elif what == "insert":
        data[at:at] = chance.choice(
            [
                b"\0",
                b"\n",
                b"[" * 3000,
                b"[" * 3000 + b"1" + b"]" * 3000,
                b"\xff\xfe",
                b"1" * 500,
                b"\xed\xa0\x80",
                b'","',
            ]
        )
    elif what == "gzip":
        data = bytearray(gzip.compress(data, 1) * chance.choice([1, 1, 2]))
    elif what == "cut gzip":
        data = bytearray(gzip.compress(data, 1)[:at])
    else:
        data[:0] = b"\xef\xbb\xbf"
    return bytes(data)


def text_of(document):
    return json.dumps(document).encode("ascii")  # NaN, Infinity and halves of characters among them


class Seeds:
    """Real files, as JSON."""

    def __init__(self, folder):
        self.lines = []
        for made in (builders.typical_run(), builders.degraded_run()):
            path = builders.stored(made, folder)
            lines = [json.loads(each) for each in path.read_text().splitlines()]
            path.unlink()
            self.lines.append(json.dumps([lines[0], *lines[1:-1:7], lines[-1]]))
        foreign = sorted(CASES.glob("py*/*.json")) if CASES.is_dir() else []
        self.documents = [each.read_text() for each in foreign]
        exported = as_pytest_benchmark(load(builders.stored(builders.typical_run(), folder / "exported")))
        self.documents.append(exported)

    def mutant(self, chance):
        """The bytes of one file with a few changes; checksums are put right, so that more than they are tried."""
        changes = chance.choice([1, 1, 2, 5])
        if chance.random() < 0.5:
            lines = json.loads(chance.choice(self.lines))
            for _ in range(changes):
                mutate(chance, lines)
            for each in lines:
                if isinstance(each, dict):
                    each.pop("crc32", None)
            data = b"".join(
                guarded(text_of(each) + b"\n") if isinstance(each, dict) and each else text_of(each) + b"\n"
                for each in lines
            )
        else:
            document = json.loads(chance.choice(self.documents))
            for _ in range(changes):
                mutate(chance, document)
            data = text_of(document)
        return damage(chance, data) if chance.random() < 0.25 else data


def read_as_commands_do(path, good, number):
    """It is loaded, and then compared, exported or shown over time, in turn."""
    found = load(path)
    match number % 4:
        case 0:
            json.loads(as_json(compare(good, found, tuple(COMPARED), tolerance=0.02, alpha=0.01)))
        case 1:
            json.loads(as_json(compare(found, found, tolerance=0.02, alpha=0.01)))
        case 2:
            unexported(found)
            json.loads(as_pytest_benchmark(found))
            json.loads(as_github_action(found))
        case 3:
            json.loads(history_as_json(history([good, found], "time", CaseFilter(), 0.02)))


def read_a_part(part, folder):
    """Read every so manieth mutant; how many were read, how many of these were refused, and the most memory that took."""
    seeds = Seeds(folder)
    good = load(builders.stored(builders.typical_run(), folder / "good"))
    path = folder / "mutant"
    tried = refused = 0
    for number in range(part, TRIES, PARTS):
        data = seeds.mutant(random.Random(f"mutant {number}"))
        path.write_bytes(data)
        began = time.process_time()
        try:
            read_as_commands_do(path, good, number)
        except RunFileError as error:
            refused += 1
            said = str(error)
            assert said.isprintable() and len(said) < 3000, (number, said)
        except Exception as error:
            kept = Path(os.environ.get("BENCH_FUZZ_KEEP", folder)) / f"mutant-{number}"
            kept.write_bytes(data)
            raise AssertionError(f"mutant {number}, kept as {kept}") from error
        tried += 1
        assert time.process_time() - began < LONGEST_S, number
    (most_kb,) = re.findall(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return tried, refused, int(most_kb) * 1024


ALONE = """
import json, sys
from pathlib import Path
from tests.store.test_fuzz import read_a_part
print(json.dumps(read_a_part(int(sys.argv[1]), Path(sys.argv[2]))))
"""


@pytest.mark.many(2)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutated_file_is_a_result_or_one_line(tmp_path, part):
    command = [sys.executable, "-W", "error", "-c", ALONE, str(part), str(tmp_path)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tried, refused, most_bytes = json.loads(done.stdout)
    assert tried == len(range(part, TRIES, PARTS))
    assert 0 < refused < tried, "some are refused and some are not: else little was tried"
    assert most_bytes < MOST_BYTES
