"""How wide text is before it is drawn, and how it is made to fit: figures are laid out by this, not by trial.

Widths are in points (1/72 inch), from the advance widths of the theme's font; a slide is 960 points wide.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from bench.plugins.names import sanitized

TEXT_PT = 14
FAMILY = "DejaVu Sans"
"""Comes with matplotlib. Where a reader of an SVG has it not, most fonts that take its place are narrower."""
UNBROKEN = "\u00a0"
"""A blank at which no line ends."""
_EM = 1000
_NO_GLYPH, _NO_GLYPH_WIDE = 0.6, 1.0
"""Of the font size: the box that stands for a missing sign, and an ideograph in the font that a browser finds."""


def width(text: str, size: float = TEXT_PT, *, bold: bool = False) -> float:
    """How wide the longest line of a text is, in points."""
    return max(sum(_advance(each, bold) for each in line) for line in text.split("\n")) * size


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """How far a character moves the pen on, as a share of the font size."""
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    if not font.get_char_index(ord(character)):
        return _NO_GLYPH_WIDE if east_asian_width(character) in "WF" else _NO_GLYPH
    font.set_size(_EM, 72)
    advance: float = font.load_char(ord(character), LoadFlags.NO_HINTING).linearHoriAdvance
    return advance / 65536 / _EM  # FreeType's 16.16 fixed point


def _font(bold: bool) -> Any:
    """The font as matplotlib keeps it, which forgets it in a forked process: two that read one open file read nonsense."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))


def fitting(text: str, points: float, size: float = TEXT_PT) -> str:
    """The text on one line, its middle left out where it is wider than so many points."""
    text = sanitized(text)
    if width(text, size) <= points:
        return text
    kept = next((kept for kept in range(len(text) - 1, 0, -1) if width(_shortened(text, kept), size) <= points), 0)
    return _shortened(text, kept)


def _shortened(text: str, kept: int) -> str:
    tail = kept // 2
    return f"{text[: kept - tail]}…{text[len(text) - tail :]}"


def wrapped(text: str, points: float, lines: int, size: float = TEXT_PT, *, bold: bool = False) -> str:
    """The text over at most so many lines, none wider than so many points; an ellipsis where it had to be cut.

    It is broken at blanks, after the underscores of long words, and within a word only where it is too wide for a line.
    """
    done: list[str] = []
    line = ""
    shown = text if text.replace(UNBROKEN, " ").isprintable() else sanitized(text)
    for piece in _pieces(shown, points, size, bold):
        if not line or width((line + piece).rstrip(), size, bold=bold) <= points:
            line += piece
            continue
        if len(done) == lines - 1:
            return "\n".join([*done, _cut(line, points, size, bold)])
        done.append(line.rstrip(" "))
        line = piece
    return "\n".join([*done, line.rstrip(" ")])


def wrapped_name(name: str, points: float, lines: int) -> str:
    """As `wrapped`, but its middle is left out where it has to be cut: names differ at their ends."""
    name = sanitized(name)
    tried = (name if kept == len(name) else _shortened(name, kept) for kept in range(len(name), 1, -1))
    broken = (wrapped(each, points, len(name) + 1) for each in tried)
    return next((each for each in broken if each.count("\n") < lines), "…")


def _pieces(text: str, points: float, size: float, bold: bool) -> Iterator[str]:
    """What a text may be broken into, none wider than a line: words, and of those over half a line wide their parts."""
    for word in re.findall(r"[^ ]* ?", text):
        if width(word.rstrip(), size, bold=bold) <= points / 2:
            yield word
            continue
        for part in re.findall(r"[^_]+_* ?|_+ ?", word):
            line = ""
            for each in part:
                if line and width((line + each).rstrip(), size, bold=bold) > points:
                    yield line
                    line = ""
                line += each
            yield line


def _cut(line: str, points: float, size: float, bold: bool) -> str:
    while line and width(f"{line.rstrip()} …", size, bold=bold) > points:
        line = line[:-1]
    return f"{line.rstrip()} …"
