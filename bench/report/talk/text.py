"""What the terminal says of the slides that were made."""

from bench import units
from bench.plugins.names import sanitized
from bench.report.talk.build import Talk
from bench.report.talk.choice import Choice


def told(talk: Talk, choice: Choice) -> str:
    """How many slides there are, what each claims, how to get others, and last the folder."""
    lines = [f"{units.counted(len(talk.slides), 'slide')}, each with its claim in a CITE.md:", ""]
    for each in talk.slides:
        claim = each.picture.title
        lines += [f"{each.picture.name}.png", f"    {sanitized(claim, len(claim))}"]
    return "\n".join([*lines, "", *_others(talk, choice), str(talk.folder), ""])


def _others(talk: Talk, choice: Choice) -> list[str]:
    """How to get others than these, in a line; nothing where there are none."""
    ways = [] if choice.top is None or len(talk.slides) < choice.top else ["--top 30 or --top all"]
    for option, value, given in (("--workload", "NAME,…", choice.workloads), ("--chart", "KIND,…", choice.charts)):
        if given:
            ways.append(f"another {option}")
        elif ways:
            ways.append(f"{option} {value}")
    return [f"For other slides: {'; '.join(ways)}"] if ways else []
