"""`explain`: what a word in a report means, why it is there, and what to do."""

import click

from bench.errors import UsageError


@click.command("explain")
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print all of them as markdown: docs/findings.md.")
def command(code: str | None, markdown: bool) -> None:
    """Tell what CODE means: a finding, an outcome or a verdict of a report; all codes if not given.

    \b
    Examples:
      python -m bench explain
      python -m bench explain unstable
      python -m bench explain incomparable
    """
    if code is not None and markdown:
        raise UsageError("--markdown prints all codes; take away the code, or --markdown")
    from bench.analysis.explanations import explanations
    from bench.report import explanations as shown
    from bench.report.kit import terminal

    if markdown:
        terminal.show_text(shown.as_markdown())
    elif code is None:
        terminal.show(shown.listing())
    else:
        terminal.show(shown.details(explanations(code)))
