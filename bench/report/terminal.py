"""The one place where results are printed. Rendering takes finished data."""

from rich.console import Console, RenderableType


def show(renderable: RenderableType) -> None:
    """Print to standard output, as wide as the terminal; 120 columns where there is none."""
    console = Console(highlight=False, markup=False, emoji=False)  # text from run files is text
    if not console.is_terminal:
        console.width = 120
    console.print(renderable)


def show_text(text: str) -> None:
    """Print text as it is, unwrapped, for programs to read."""
    print(text)
