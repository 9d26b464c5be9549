"""The tables of `doctor --prove`: a program a line, a table for each quantity and layer, and what they come to."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from bench import units
from bench.quantities import COMPARED
from bench.records.diagnosis import Proof
from bench.report.kit.folded_table import folded
from bench.report.kit.table import UNKNOWN, Cell, Column, texts
from bench.sentences import first_of


def proof_tables(proofs: Sequence[Proof]) -> list[RenderableType]:
    """Everything that was proved or not; nothing where nothing was tried."""
    if not proofs:
        return []
    parts: list[RenderableType] = []
    order = sorted(proofs, key=lambda each: each.quantity)  # keeps the rest as it is
    layers = list(dict.fromkeys((each.quantity, each.asked) for each in order))
    for quantity, asked in layers:
        mine = [each for each in order if (each.quantity, each.asked) == (quantity, asked)]
        parts += [_table(quantity, asked, mine), *_notes(mine), *_series(mine), Text()]
    return [*parts, _sum(proofs), Text()]


def _table(quantity: str, asked: str, proofs: Sequence[Proof]) -> RenderableType:
    numbers = ("truth", "besides", "measured", "error", "goal", "bound")
    columns = [Column("program", kind="text", least=16), *map(Column, numbers)]
    title = f"{COMPARED[quantity].words.precise} with no better layer than {asked}"
    return folded(texts(columns, map(_row, proofs), title), padding=(0, 1))


def _row(proof: Proof) -> Iterator[str | Cell]:
    yield proof.program
    if proof.measured is None:
        yield UNKNOWN
        return
    shown = COMPARED[proof.quantity].shown
    yield shown(proof.truth)
    yield _besides(proof)
    yield shown(proof.measured)
    yield _error(proof)
    yield _judged(proof.meets_goal, "met", "missed", "yellow")
    yield _inside(proof)


def _besides(proof: Proof) -> str:
    shown = COMPARED[proof.quantity].shown
    return units.between(shown(proof.besides_least), shown(proof.besides_most))


def _error(proof: Proof) -> str:
    assert proof.error is not None
    return f"{100 * proof.error / proof.truth:+.2f} %" if proof.truth else COMPARED[proof.quantity].shown(proof.error)


def _inside(proof: Proof) -> Cell:
    open_ends = ("≥ " if proof.below is None else "") + ("≤ " if proof.above is None else "")
    return _judged(proof.inside, f"{open_ends}inside", "OUTSIDE", "red")


def _series(proofs: Sequence[Proof]) -> list[Text]:
    """Whether the series add up, in a line."""
    told = [each for each in proofs if each.adds_up is not None and each.measured and each.series_s is not None]
    if not told:
        return []
    parts = [100 * (each.series_s or 0.0) / each.measured for each in told if each.measured]
    cores = max(each.series_cores or 0.0 for each in told)
    text = f"series: {min(parts):.1f} to {max(parts):.1f} % of the totals, at most {cores:.2f} cores in an interval"
    wrong = [each.program for each in told if not each.adds_up]
    return [Text(f"{text}: WRONG{_of(wrong)}", style="red") if wrong else Text(text, style="dim")]


def _judged(holds: bool | None, yes: str, no: str, style: str) -> Cell:
    return Cell(yes) if holds else Cell(no, style=style)


def _notes(proofs: Sequence[Proof]) -> list[Text]:
    """How the numbers were made, and why there is none where there is none; each once."""
    notes: dict[str, list[Proof]] = {}
    for each in proofs:
        what = f"by {each.layer}: {each.bound}" if each.measured is not None else f"no number: {each.unknown}"
        notes.setdefault(what, []).append(each)
    several = len(notes) > 1
    return [
        Text(f"{what}{_reach(mine)}{_of([each.program for each in mine]) if several else ''}", style="dim")
        for what, mine in notes.items()
    ]


def _reach(proofs: Sequence[Proof]) -> str:
    """The widest bounds stated, since a wide one is easily held."""
    if proofs[0].measured is None:
        return ""
    shown = COMPARED[proofs[0].quantity].shown
    sides = (("above", [each.below for each in proofs]), ("below", [each.above for each in proofs]))
    told = [
        f"any amount {side} it"
        if None in widths
        else f"up to {shown(max(filter(None, widths), default=0.0))} {side} it"
        for side, widths in sides
    ]
    return f"; the truth may lie {' and '.join(told)}"


def _of(names: Sequence[str]) -> str:
    return f" ({first_of(names, 3)})"


def _sum(proofs: Sequence[Proof]) -> Text:
    numbers = [each for each in proofs if each.measured is not None]
    outside = [each for each in numbers if not each.holds]
    met = sum(bool(each.meets_goal) for each in numbers)
    text = (
        f"{len(numbers) - len(outside)} of {len(numbers)} numbers agree with their stated bounds, as far as the truth is "
        f"known: to the range of what is used besides. {met} of {len(numbers)} meet the goal (CPU: 0.5 % + 0.5 ms a child; "
        "memory: 2 % + 4 MiB). ≥ marks lower bounds; errors are from the middle of the range"
    )
    if outside:
        named = ", ".join(f"{each.program} by {each.layer}" for each in outside)
        return Text(f"{text}. NOT PROVED: {named}", style="red")
    return Text(text)
