"""`explain`: what a word in a report means, why it is there, and what to do."""

import click

from bench.errors import UsageError


@click.command("explain")
@click.argument("words", metavar="[WORD]", nargs=-1)
@click.option(
    "--markdown",
    type=click.Choice(["findings", "glossary"]),
    is_flag=False,
    flag_value="findings",
    help="Print all of them as markdown: docs/findings.md, or docs/glossary.md.",
)
def command(words: tuple[str, ...], markdown: str | None) -> None:
    """Tell what WORD means: a finding, an outcome or a verdict of a report, or a term such as GIL, block or bound.

    Without WORD, show all codes and terms. Capitals and dashes do not matter.

    \b
    Examples:
      python -m bench explain
      python -m bench explain unstable
      python -m bench explain GIL
      python -m bench explain start method
    """
    if words and markdown is not None:
        raise UsageError("--markdown prints all words; take away the word, or --markdown")
    from bench.analysis.explanations import look_up
    from bench.report import explanations as shown
    from bench.report.kit import terminal

    if markdown is not None:
        terminal.show_text(shown.as_markdown() if markdown == "findings" else shown.glossary_as_markdown())
    elif words:
        terminal.show(shown.details(look_up(" ".join(words))))
    else:
        terminal.show(shown.listing())
