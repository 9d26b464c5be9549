"""The supervisor, but that it notes what both layers say of every window, and not only where they differ much."""

from bench.accounting.account import Account
from bench.measure.supervisor import main as supervisor
from bench.records.use import Difference


def note(account, name, _, first, second):
    account._differences.append(Difference(name, *first, *second))  # noqa: SLF001 - what is under test


def main():
    Account._compare = note  # noqa: SLF001
    supervisor.main()
