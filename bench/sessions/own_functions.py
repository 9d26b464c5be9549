"""What somebody means who names a file of their own as if it were a workload."""

import ast
from pathlib import Path

from bench import bounds
from bench.sentences import first_of

_MOST_NAMED = 3


def own_functions(word: str) -> str:
    """How the functions are named that `word` may mean, in a sentence: `mine.py:parse`; empty where it names no file of Python.

    Args:
        word: a file's name without its end, such as `mine`, or a function with dots, such as `package.module.parse`.
    """
    file = Path(f"{word}.py")
    if file.is_file():
        return first_of([f"{file}:{name}" for name in _defined_in(file)], _MOST_NAMED)
    module, _, function = word.rpartition(".")
    parts = module.split(".")
    file = Path(*parts[:-1], f"{parts[-1]}.py")
    return f"{module}:{function}" if all(parts) and file.is_file() and function in _defined_in(file) else ""


def _defined_in(file: Path) -> list[str]:
    """The public functions at the top of a file, which is not run."""
    try:
        if file.stat().st_size > bounds.LONGEST_FILE_BYTES:
            return []
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    found = [each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [name for name in found if not name.startswith("_")]
