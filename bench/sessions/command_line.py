"""The command as it was given."""

import sys

from bench.analysis.reproduction import BENCH, quoted
from bench.publishing import publishable


def command_line() -> str:
    """The command as it can be given again, without what must not be published: each word by itself, while it has its ends."""
    words = [publishable(each) for each in sys.argv[1:]]
    return " ".join([*BENCH, *(quoted(each) for each in words)])
