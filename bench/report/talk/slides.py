"""What a slide is: a chart, and all that its CITE.md says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.analysis.findings.rule import Finding
from bench.report.drawing.pictures import Picture
from bench.report.kit.table import Table


@dataclass(frozen=True, slots=True)
class Slide:
    """A chart with its claim and what that rests on."""

    picture: Picture
    """Its title is the claim."""
    shows: str
    """What is drawn, as the end of a sentence."""
    evidence: Sequence[str]
    """Sentences with the numbers of the claim, and how sure they are."""
    numbers: Table
    left_out: Sequence[str]
    """What has no number, and why."""
    conditions: Sequence[tuple[str, str]]
    """Under which the numbers hold: a name and a value each."""
    caveats: Sequence[Finding]

    def named(self, name: str) -> "Slide":
        """The same under another file name."""
        return replace(self, picture=replace(self.picture, name=name))
