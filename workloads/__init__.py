"""The built-in workloads: modules of this folder, found by themselves. They are imported as `bench.workloads`, and import only `bench`.

A module whose name begins with `_` has none: it is what another one needs.
"""

_FIRST = (
    "downloads",
    "fetch",
    "mixed",
    "primes",
    "matrix",
    "thumbnails",
    "copy_files",
    "payloads",
    "messages",
    "counting",
    "hand_offs",
    "echo",
    "starting",
)
"""In this order, which runs and reports have; a module that is not named comes behind them, by its name."""


def built_in() -> list[str]:
    """The modules with workloads, as sources. A function, since every host imports this and none asks."""
    from pkgutil import iter_modules

    there = sorted(each.name for each in iter_modules(__path__) if not each.ispkg and not each.name.startswith("_"))
    return [f"bench.workloads.{name}" for name in dict.fromkeys((*_FIRST, *there))]
