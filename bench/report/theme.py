"""How every figure looks: slide size, type, one colour and marker a strategy, and the footer with the provenance.

Colours are Petroff's ten (arXiv:2107.02270, `petroff10` in matplotlib), which stay apart for colour-blind readers;
markers tell strategies apart in grey.
"""

import re
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench.model import Run
from bench.report import words

SLIDE_INCHES = (13.333, 7.5)
DOTS_PER_INCH = 144
TEXT_PT = 14
INK, SOFT, GRID, GROUND = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
DARK = {INK: "#e6edf3", SOFT: "#9aa7b4", GRID: "#30363d", GROUND: "#0d1117"}
"""What these, and colours that would be lost on a dark ground, become there. All else keeps its colour, so a text on a
mark that keeps its own has to have a colour that is not named here: `ON_LIGHT` or `ON_DARK`."""
ON_LIGHT, ON_DARK = "#101418", "#fcfdfe"
_STYLES = {
    "serial": ("#717581", "s"),
    "threads": ("#3f90da", "^"),
    "thread_pool": ("#92dadd", "v"),
    "processes": ("#bd1f01", "D"),
    "process_pool": ("#ffa90e", "o"),
    "pool_map": ("#832db6", "P"),
    "asyncio": ("#e76300", "X"),
}
_COLOURED = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_OTHER_COLOURS = ("#94a4a2", "#a96b59", "#e76300", "#b9ac70")
_OTHER_MARKERS = "X*hp<>dH"

DARK |= {"#832db6": "#b57be0", "#bd1f01": "#f0553a", "#a96b59": "#c98a78", "#717581": "#9a9fab"}

_SETTINGS: dict[Any, Any] = {
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "savefig.facecolor": "auto",
    "font.size": TEXT_PT,
    "axes.titlesize": 20,
    "axes.labelsize": TEXT_PT,
    "xtick.labelsize": TEXT_PT,
    "ytick.labelsize": TEXT_PT,
    "legend.fontsize": TEXT_PT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "ytick.major.size": 0,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "legend.frameon": False,
    "text.parse_math": False,  # a dollar sign in a failure's reason is a dollar sign
    "svg.hashsalt": "concurrency-bench",  # the same run gives the same bytes
    "svg.fonttype": "none",  # text is text: a fifth of the bytes, and it can be read out, searched and copied
}


@contextmanager
def applied() -> Iterator[None]:
    """The theme, while the context lasts. A sign that no font has is drawn as a box, without a word on it."""
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from")
        yield


def darken(figure: Figure) -> None:
    """Give everything in a figure the colours of the dark variant."""
    dark = {mpl.colors.to_hex(light): each for light, each in DARK.items()}
    for artist in figure.findobj():
        for name in _COLOURED:
            get, put = getattr(artist, f"get_{name}", None), getattr(artist, f"set_{name}", None)
            if get is not None and put is not None:
                put(_darkened(get(), dark))


def _darkened(found: Any, dark: Mapping[str, str]) -> Any:
    """A colour, or an array of several, in the dark variant; its opacity stays."""
    if isinstance(found, str) and found in ("none", "auto"):
        return found
    if not isinstance(found, str) and np.ndim(found) == 2:
        return [_darkened(tuple(each), dark) for each in found]
    opaque = mpl.colors.to_rgba(found)
    new = dark.get(mpl.colors.to_hex(opaque))
    return found if new is None else mpl.colors.to_rgba(new, opaque[3])


def dark_css() -> str:
    """Rules that give an SVG of `savefig` the colours of the dark variant where its reader prefers them."""
    rules = (
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def colour(strategy: str) -> str:
    """The strategy's colour, the same in every figure of every run."""
    return _style(strategy)[0]


def marker(strategy: str) -> str:
    """The strategy's marker, likewise."""
    return _style(strategy)[1]


def _style(strategy: str) -> tuple[str, str]:
    known = _STYLES.get(strategy)
    if known is not None:
        return known
    number = crc32(strategy.encode())
    return _OTHER_COLOURS[number % len(_OTHER_COLOURS)], _OTHER_MARKERS[number // 7 % len(_OTHER_MARKERS)]


def slide(title: str, run: Run, basis: str = "") -> Figure:
    """An empty figure at slide size, with its title and the footer that says where the numbers of a run come from.

    Args:
        basis: what the footer says of how much was measured; the blocks and rounds by default.
    """
    return blank(title, footer(run, basis))


def blank(title: str, foot: str) -> Figure:
    """An empty figure at slide size, with a title and a footer."""
    figure = Figure(figsize=SLIDE_INCHES, dpi=DOTS_PER_INCH)
    unbroken = re.sub(r"(\d) (s|ms|µs|ns|B|kB|MB|GB)\b", "\\1\u00a0\\2", title)
    figure.text(
        0.02,
        0.965,
        textwrap.fill(unbroken, 74, max_lines=2, placeholder=" …"),
        fontsize=20,
        fontweight="bold",
        va="top",
        linespacing=1.25,
    )
    figure.text(0.02, 0.018, textwrap.fill(foot, 136), color=SOFT, fontsize=12, va="bottom", linespacing=1.3)
    return figure


def footer(run: Run, basis: str = "") -> str:
    """Tool, run, commit, interpreter, machine, amount and interval or another basis, and date."""
    header = run.header
    environment = header.environment
    lock = "GIL" if environment.gil else "no GIL"
    return " · ".join(
        (
            f"concurrency-bench {header.tool}",
            f"run {header.id}",
            words.commit(environment),
            f"{environment.python_implementation} {environment.python} ({lock})",
            f"{environment.cpu_model}, {environment.usable_cores} cores",
            basis or f"{words.amount(run)} · 95 % interval of the median",
            header.started_utc[:10],
        )
    )


def short(name: str, letters: int = 32) -> str:
    """A name with its middle left out where it is long."""
    half = letters // 2
    return name if len(name) <= letters else f"{name[:half]}…{name[-half + 1 :]}"


def wrapped(name: str, letters: int, lines: int = 3) -> str:
    """A name over at most so many lines of about so many letters, broken at blanks and underscores if it can be."""
    pieces = textwrap.wrap(name.replace("_", "_ "), letters, max_lines=lines, placeholder="…") or [name]
    return "\n".join(piece.replace("_ ", "_") for piece in pieces)


def save_options(kind: str) -> Mapping[str, object]:
    """What `savefig` needs so that equal figures are equal files."""
    if kind == "svg":
        return {"format": kind, "metadata": {"Date": None, "Creator": None}}
    return {"format": kind, "pil_kwargs": {"compress_level": 3}}  # half the time of 6 for a tenth more bytes
