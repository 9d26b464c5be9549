"""A run file read once, line by line, with no more of it in memory than whoever reads keeps.

Cases that the run took on while it measured are in its header's plan once their line is read.

Every line is checked against `bench.records` and against the lines before it; nothing read is ever executed.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path

from bench import units
from bench.bounds import LONGEST_LINE_BYTES, opened
from bench.errors import RunFileError
from bench.facts.validity import inconsistency
from bench.plugins.names import shown_path
from bench.records.block import Block
from bench.records.run import Addition, Ending, Header
from bench.store.additions import checked
from bench.store.checks import check_header
from bench.store.lines import Record, from_line, shown

MOST_ADDITIONS = 1000
"""Lines that add cases: a run has one for a workload at the most, and each is checked against the whole plan."""


class Reading:
    """A run file that is being read: its header at once, its blocks as they are asked for, and what follows from all."""

    def __init__(self, path: Path) -> None:
        """Read the header.

        Raises:
            RunFileError: naming file, line and field, if it is none.
        """
        self._name = shown_path(path)
        self._lines = _lines(path)
        self._number_of: dict[tuple[str, str], dict[int, int]] = {}
        self._cut = ""
        self.ending: Ending | None = None
        """The file's last line, where it is an ending, once all blocks are read: a run that was resumed has the endings
        of its parts in between."""
        first = next(self._records(None), None)
        if first is None:
            raise no_run(path)
        if not isinstance(first, Header):
            raise self._misplaced(1)
        check_header(first, f"{self._name}, line 1")
        self.header = first
        """Its plan is whole once all blocks are read."""
        self.blocks = self._blocks()
        """Each block once, in the order of the file. A last line that was cut is left out.

        Raises `RunFileError`, naming file, line and field, if anything else is not valid."""

    @property
    def notes(self) -> list[str]:
        """What had to be left out, once all blocks are read."""
        plan, read = self.header.plan, sum(map(len, self._number_of.values()))
        cut = (
            "" if self.ending is not None else f"the run was cut: {units.are(units.blocks_of(read, plan.blocks))} there"
        )
        return [each for each in (self._cut, cut) if each]

    def _blocks(self) -> Iterator[Block]:
        cases = {case.key for case in self.header.plan.cases}  # with those that the run takes on
        additions = 0
        for number, record in enumerate(self._records(self.header.schema), start=2):
            if isinstance(record, Header):
                raise self._misplaced(number)
            if isinstance(record, Ending):
                self.ending = record
                continue
            place = f"{self._name}, line {number}"
            if isinstance(record, Addition):
                additions += 1
                if additions > MOST_ADDITIONS:
                    raise RunFileError(f"{place}: more than {MOST_ADDITIONS} lines add cases")
                self.header, self.ending = checked(self.header, record, place), None
                cases.update(each.key for each in record.cases)
                continue
            if record.case not in cases:
                raise RunFileError(f"{place}: field `case` is {shown(record.case)}, which the plan has not")
            earlier = self._number_of.setdefault((record.case, record.arm), {}).setdefault(record.repetition, number)
            if earlier != number:
                raise RunFileError(
                    f"{place}: repetition {record.repetition} of {shown(record.case)} is on line {earlier} already"
                )
            if wrong := inconsistency(record):
                raise RunFileError(f"{place}: field {wrong}")
            self.ending = None
            yield record

    def _records(self, schema: int | None) -> Iterator[Record]:
        for number, line in self._lines:
            if not line.endswith(b"\n"):
                self._cut = f"line {number} is cut and was left out"
                break
            yield from_line(line, f"{self._name}, line {number}", schema)

    def _misplaced(self, number: int) -> RunFileError:
        return RunFileError(f"{self._name}, line {number}: a run file has one header, on its first line")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with opened(path) as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE_BYTES + 1), b""), start=1):
                if len(line) > LONGEST_LINE_BYTES:
                    raise RunFileError(f"{shown_path(path)}, line {number}: longer than {LONGEST_LINE_BYTES >> 20} MiB")
                yield number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
    except (OSError, ValueError) as error:
        raise cannot_read(path, error) from error


def cannot_read(path: Path, error: OSError | ValueError) -> RunFileError:
    """What is raised of a file that is none, or that the system does not open."""
    why = error.strerror if isinstance(error, OSError) else str(error)
    return RunFileError(f"cannot read {shown_path(path)}: {why}")


def no_run(path: Path) -> RunFileError:
    """What is raised of a file without a whole first line."""
    return RunFileError(f"{shown_path(path)} holds no run: its first line is empty or cut")
