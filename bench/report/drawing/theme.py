"""How every figure looks: slide size, type, one colour and marker a strategy, and the footer with the provenance.

Colours are Petroff's ten (arXiv:2107.02270, `petroff10` in matplotlib), which stay apart for colour-blind readers;
markers tell strategies apart in grey.
"""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from bench.analysis.estimates import INTERVAL

from bench.report.drawing.own_matplotlib import DEFAULTS  # isort: skip - before anything of matplotlib

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench import units
from bench.records.run import Run
from bench.report.drawing import lettering
from bench.report.drawing.lettering import FAMILY, UNBROKEN, wrapped
from bench.report.kit import words

SLIDE_INCHES = (13.333, 7.5)
DOTS_PER_INCH = 144
TEXT_PT = lettering.TEXT_PT
TITLE_PT = 20
TEXT_WIDTH_PT = 0.958 * 72 * SLIDE_INCHES[0]
"""From margin to margin."""
INK, SOFT, GRID, GROUND = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
PALE, MIDDLE = "#b6c0ca", "#77828d"
"""For parts of a whole that are no strategies, beside `INK`: apart from each other in both variants."""
DARK = {
    INK: "#e6edf3", SOFT: "#9aa7b4", GRID: "#30363d", GROUND: "#0d1117", PALE: "#44505c", MIDDLE: "#8a97a4",
    "#832db6": "#b57be0", "#bd1f01": "#f0553a", "#a96b59": "#c98a78", "#717581": "#9a9fab",
}  # fmt: skip
"""What these, and colours that would be lost on a dark ground, become there. All else keeps its colour, so a text on a
mark that keeps its own has to have a colour that is not named here: `ON_LIGHT` or `ON_DARK`."""
ON_LIGHT, ON_DARK = "#101418", "#fcfdfe"
_COLOURED = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_COLOURS = (
    "#717581", "#3f90da", "#92dadd", "#ffa90e", "#bd1f01", "#e76300", "#832db6", "#94a4a2", "#a96b59", "#b9ac70",
)  # fmt: skip
_MARKERS = "s^voDXPh*p<>d"
"""Ten colours and thirteen markers: the n-th strategy has the n-th of both, going round, and 130 all differ."""
_LOOKS_OF_BUILT_IN = 90
BUILT_IN = (
    "serial", "threads", "thread_pool", "process_pool", "processes", "asyncio", "pool_map", "joblib_loky", "mpire",
    "pool_of_threads", "interpreter_pool", "process_subclass", "fork", "pool_apply", "pool_apply_async",
    "pool_apply_callback", "pool_imap", "pool_imap_unordered", "pool_starmap", "pool_inherited", "pool_initializer",
    "pool_shared_memory", "queue", "simple_queue", "joinable_queue", "bounded_queue", "manager_queue", "pipe",
    "socketpair", "shared_ring", "thread_queue", "thread_simple_queue", "value", "array", "manager_dict",
    "manager_list", "manager_value", "shared_memory_lock", "locked_threads", "owner_process", "value_unlocked",
    "threads_unlocked", "global_variable", "thread_lock", "thread_rlock", "thread_semaphore",
    "thread_bounded_semaphore", "thread_event", "thread_condition", "thread_barrier", "process_lock",
    "process_rlock", "process_semaphore", "process_bounded_semaphore", "process_event", "process_condition",
    "process_barrier", "one_after_another", "process_per_connection", "thread_per_connection", "pre_forked",
    "thread_pool_server", "socketserver_threads", "socketserver_processes", "selectors_server", "asyncio_server",
    "uvloop_server", "start_thread", "start_fork", "start_process", "start_subclass", "start_pool",
    "start_thread_executor", "start_process_executor", "start_interpreter",
)  # fmt: skip
"""Each keeps its place, and so its look, in every figure of every run: a new one goes to the end."""
_PLACES = {name: place for place, name in enumerate(BUILT_IN)}

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
    """The strategy's colour, the same in every figure of every run."""
    return _COLOURS[_place(strategy) % len(_COLOURS)]


def marker(strategy: str) -> str:
    """The strategy's marker, likewise."""
    return _MARKERS[_place(strategy) % len(_MARKERS)]


def _place(strategy: str) -> int:
    """Of a strategy that is not built in: by its name, on places that no built-in strategy has.

    Two of those may look alike, one pair in forty; the row or panel still has its name.
    """
    known = _PLACES.get(strategy)
    if known is not None:
        return known
    free = len(_COLOURS) * len(_MARKERS) - _LOOKS_OF_BUILT_IN
    return _LOOKS_OF_BUILT_IN + crc32(strategy.encode()) % free


def slide(title: str, run: Run, basis: str = "") -> Figure:
    """An empty figure at slide size, with its title and the footer that says where the numbers of a run come from.

    Args:
        basis: what the footer says of how much was measured; the blocks and rounds by default.
    """
    return blank(title, footer(run, basis))


def blank(title: str, foot: str) -> Figure:
    """An empty figure at slide size, with a title and a footer."""
    figure = Figure(figsize=SLIDE_INCHES, dpi=DOTS_PER_INCH)
    unbroken = re.sub(r"(\d) (s|ms|µs|ns|B|kB|MB|GB)\b", rf"\1{UNBROKEN}\2", title)
    two_lines = wrapped(unbroken, TEXT_WIDTH_PT, 2, TITLE_PT, bold=True)
    figure.text(0.02, 0.965, two_lines, fontsize=TITLE_PT, fontweight="bold", va="top", linespacing=1.25)
    figure.text(0.02, 0.018, wrapped(foot, TEXT_WIDTH_PT, 3), color=SOFT, va="bottom", linespacing=1.2)
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
            f"{short(environment.cpu_model, 48)}, {units.counted(environment.usable_cores, 'core')}",
            basis or f"{words.amount(run)} · {INTERVAL}s",
            header.started_utc[:10],
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
