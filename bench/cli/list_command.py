"""`list`: what can be measured here."""

from dataclasses import replace

import click
import msgspec

from bench.machine import environment
from bench.measure.plan import catalogue
from bench.patterns import PATTERNS
from bench.report.kit import terminal
from bench.report.listing import catalogue_tables


@click.command("list")
@click.option(
    "--workload", "sources", multiple=True, metavar="SOURCE", help="Your own: FILE.py or package.module:function."
)
@click.option("--pattern", type=click.Choice(list(PATTERNS)), help="Only this pattern of work.")
@click.option("--json", "as_json", is_flag=True, help="Print the catalogue as JSON.")
def command(sources: tuple[str, ...], pattern: str | None, as_json: bool) -> None:
    """Show workloads, strategies, scales and options, and what is unavailable and why.

    \b
    Examples:
      python -m bench list
      python -m bench list --pattern serve
      python -m bench list --json
      python -m bench list --workload mine.py
    """
    found = catalogue.find(sources)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    if pattern is not None:
        found = replace(
            found,
            workloads=[each for each in found.workloads if each.pattern == pattern],
            strategies=[each for each in found.strategies if each.pattern == pattern],
        )
    if as_json:
        terminal.show_text(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        terminal.show(catalogue_tables(found, *environment.default_workers()))
