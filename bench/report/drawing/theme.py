"""How every figure looks: slide size, type, a colour for each family of strategies, markers, and the footer with the provenance.

The four families' colours are near those of Okabe and Ito (2008), which stay apart for colour-blind
readers, on white and on a dark ground; strategies of one family differ by their markers and labels.
"""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench.report.drawing.own_matplotlib import DEFAULTS  # isort: skip - before anything of matplotlib

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench import units
from bench.records.run import Run
from bench.report.drawing import lettering
from bench.report.drawing.lettering import FAMILY, UNBROKEN, fitting, wrapped
from bench.report.kit import words
from bench.report.kit.families import Family, family, place

DOTS_PER_INCH = 144
SLIDE_INCHES = (1920 / DOTS_PER_INCH, 1080 / DOTS_PER_INCH)
"""A slide is 1920 by 1080 dots."""
TEXT_PT = lettering.TEXT_PT
TITLE_PT = 20
TITLE_LINE_PT = 1.25 * TITLE_PT
TEXT_WIDTH_PT = 0.958 * 72 * SLIDE_INCHES[0]
"""From margin to margin."""
INK, SOFT, GRID, GROUND = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
PALE, MIDDLE = "#b6c0ca", "#77828d"
"""For parts of a whole that are no strategies, beside `INK`: apart from each other in both variants."""
DARK = {
    INK: "#e6edf3", SOFT: "#9aa7b4", GRID: "#30363d", GROUND: "#0d1117", PALE: "#44505c", MIDDLE: "#8a97a4",
    "#832db6": "#b57be0", "#bd1f01": "#f0553a", "#a96b59": "#c98a78",
    "#4d555e": "#d0d7de", "#0072b2": "#3f85e8", "#d55e00": "#f07f3c", "#00a878": "#3ccf91", "#8e3a9e": "#c77be0",
    "#8a7a3c": "#c2a34f",
}  # fmt: skip
"""What these, and colours that would be lost on a dark ground, become there. All else keeps its colour, so a text on a
mark that keeps its own has to have a colour that is not named here: `ON_LIGHT` or `ON_DARK`."""
ON_LIGHT, ON_DARK = "#101418", "#fcfdfe"
_COLOURED = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_COLOURS = {
    Family.LOOP: "#4d555e",
    Family.THREADS: "#0072b2",
    Family.PROCESSES: "#d55e00",
    Family.ASYNC: "#00a878",
    Family.INTERPRETERS: "#8e3a9e",
    Family.OTHER: "#8a7a3c",
}
_MARKERS: tuple[Any, ...] = (
    "o",
    "s",
    "^",
    "D",
    "v",
    "P",
    "X",
    "*",
    "p",
    "<",
    ">",
    "d",
    "h",
    (4, 1, 0),
    (3, 1, 0),
    (6, 1, 0),
)
"""As many as the largest family of a pattern has strategies; the n-th strategy of a family has the n-th."""

_SETTINGS: dict[Any, Any] = {
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "savefig.facecolor": "auto",
    "font.size": TEXT_PT,
    "axes.titlesize": TITLE_PT,
    "font.family": ["sans-serif"],
    "font.sans-serif": [FAMILY],
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
    """The theme and no setting of the user's, while the context lasts. A sign that no font has is drawn as a box, without a word on it."""
    with mpl.rc_context(DEFAULTS | _SETTINGS), warnings.catch_warnings():
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
    """The colour of the strategy's family, the same in every figure of every run."""
    return _COLOURS[family(strategy)]


def colour_of(kind: Family) -> str:
    """The colour of a family."""
    return _COLOURS[kind]


def marker(strategy: str) -> Any:
    """The strategy's marker, its own among the built-in ones of its pattern and family; in every figure of every run."""
    return _MARKERS[place(strategy) % len(_MARKERS)]


def mark_pt(strategy: str, points: float) -> float:
    """How large the strategy's marker is drawn, so that it has about the area of a dot of so many points; stars are thin."""
    mark = marker(strategy)
    return points * (1.6 if isinstance(mark, tuple) else _WEIGHTS.get(mark, 1.0))


_WEIGHTS = {"*": 1.3, "D": 0.9, "d": 1.1, "p": 1.1}


def slide(title: str, run: Run, basis: str = "", subtitle: str = "") -> Figure:
    """An empty figure at slide size, with its title and the footer that says where the numbers of a run come from.

    Args:
        basis: what the footer says of how much was measured; the blocks by default.
        subtitle: the numbers behind the title.
    """
    return blank(title, footer(run, basis), subtitle)


def blank(title: str, foot: str, subtitle: str = "") -> Figure:
    """An empty figure at slide size, with a title of two lines at the most, one line of a subtitle, and a footer."""
    figure = Figure(figsize=SLIDE_INCHES, dpi=DOTS_PER_INCH)
    two_lines = wrapped(_bound(title), TEXT_WIDTH_PT, 2, TITLE_PT, bold=True)
    figure.text(0.02, 0.965, two_lines, fontsize=TITLE_PT, fontweight="bold", va="top", linespacing=1.25)
    if subtitle:
        below = 0.965 - (TITLE_LINE_PT * (1 + two_lines.count("\n")) + 4) / (72 * SLIDE_INCHES[1])
        figure.text(0.02, below, fitting(subtitle, TEXT_WIDTH_PT), va="top")
    figure.text(0.02, 0.018, wrapped(foot, TEXT_WIDTH_PT, 2), color=SOFT, va="bottom", linespacing=1.2)
    return figure


def _bound(text: str) -> str:
    """A text in which no line ends between a number and its unit, or before a number of times."""
    units_bound = re.sub(r"(\d) (s|ms|µs|ns|B|kB|MB|GB)\b", rf"\1{UNBROKEN}\2", text)
    return re.sub(r" (?=×\d|[\d.,]+×)", UNBROKEN, units_bound)


def footer(run: Run, basis: str = "") -> str:
    """One short line: the run, the machine, the interpreter, and how much was measured."""
    environment = run.header.environment
    return " · ".join(
        (
            f"run {run.header.id}",
            f"{short(environment.cpu_model, 32)}, {units.counted(environment.usable_cores, 'core')}",
            words.python_short(run.header),
            basis or words.blocks(run),
        )
    )


def short(name: str, letters: int = 32) -> str:
    """A name with its middle left out where it is long."""
    half = letters // 2
    return name if len(name) <= letters else f"{name[:half]}…{name[-half + 1 :]}"


def save_options(kind: str) -> Mapping[str, object]:
    """What `savefig` needs so that equal figures are equal files."""
    if kind == "svg":
        return {"format": kind, "metadata": {"Date": None, "Creator": None}}
    return {"format": kind, "pil_kwargs": {"compress_level": 3}}  # half the time of 6 for a tenth more bytes


def svg(figure: Figure) -> str:
    """A figure as SVG: the same bytes for the same figure, coordinates to a hundredth of a point."""
    file = io.StringIO()
    figure.savefig(file, **save_options("svg"))  # type: ignore[arg-type]
    upright = _UPRIGHT.sub("", file.getvalue())
    return _COORDINATES.sub(lambda found: _STEPS.sub(r"\1", _DECIMALS.sub(r"\1", found[0])), upright)


def dark_svg(light: str) -> str:
    """What `svg` gives, in the colours of the dark variant: in the styles of its tags, and in no text."""
    return re.sub(r"<[^>]*>", lambda tag: _NAMED.sub(lambda found: found[1] + DARK[found[2]], tag[0]), light)


_UPRIGHT = re.compile(r' transform="rotate\(-0 [^)]*\)"')
"""What matplotlib says of every text that is not turned."""
_COORDINATES = re.compile(r'(?<= d=")[^"]*|(?<= [xy]=")[^"]*')
_STEPS = re.compile(r"\s*([MLQCz])\s*")
_DECIMALS = re.compile(r"(\.\d\d)\d+")
_NAMED = re.compile(rf"((?:fill|stroke): ?)({'|'.join(DARK)})")
