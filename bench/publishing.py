"""What may be published of a text: no secrets, no names of people and machines, no folders of absolute paths. One rule for all.

People publish run files, and what is made of them. What writes a record, or a text that comes from no record, sends it through
here. What is left out is shown as `…`; doing it twice changes nothing more. Standard library only: measured processes load this.
"""

import getpass
import os
import platform
import posixpath
import re
from collections.abc import Callable
from functools import cache

CUT = "…/"
"""Instead of the folders of a path."""
HIDDEN = "…"
"""Instead of a secret or a name."""
_SHORTEST_SECRET, _SHORTEST_NAME = 8, 3
_MOST_TIMES = 100
"""That a text is looked through: what one look leaves out may have hidden a name or a folder from it."""
_NOBODY = frozenset(
    [
        "root",
        "user",
        "users",
        "admin",
        "administrator",
        "nobody",
        "daemon",
        "localhost",
        "linux",
        "ubuntu",
        "debian",
        "fedora",
        "centos",
        "ec2-user",
        "runner",
        "vagrant",
        "jenkins",
        "gitlab-runner",
        "docker",
        "python",
        "node",
        "app",
        "www-data",
        "test",
        "tests",
        "build",
        "builder",
        "bench",
        "base",
        "head",
        "time",
        "serial",
    ]
)
"""Names of accounts and machines that say nothing of whose they are, or that are words of reports."""
_SECRET = re.compile(
    r"(?:^|[_.-])(?:pass(?:word|wd|phrase|code)?s?|pwd|secrets?|token|credentials?|creds|apikeys?|auth(?:orization)?|cookie|jwt"
    r"|(?:api|private|secret|access|auth|ssh|gpg|encryption|signing|deploy|master)[_.-]?keys?)(?:$|[_.-])",
    re.IGNORECASE,
)
_LOUD_KEY = re.compile(r"(?:^|_)KEYS?(?:$|_)")
"""Of environment variables; `key=` in lower case is an argument of any function."""
_FOLDERS = frozenset({"PWD", "OLDPWD"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_QUOTED = r"""(?:"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$))"""
_VALUE = (
    rf"""(?!…)(?:{_QUOTED}(?:{_QUOTED}|\\.|[^\s"'\\;&|,)}}\]])*|(?:\\.|[^\s"'\\;&|])(?:{_QUOTED}|\\.|[^\s"'\\;&|])*)"""
)
_NAMED_VALUE = re.compile(_VALUE)
_ASSIGNED = re.compile(r"(?<![\w-])-{0,2}(?P<name>[A-Za-z_][\w.-]*)(?P<quote>)\s*=(?!=)\s*")
_TOLD = re.compile(r"""(?<![\w-])(?P<quote>["']?)(?P<name>[A-Za-z_][\w.-]*)(?P=quote)\s*:\s*""")
_OPTION = re.compile(rf"(?<!\S)(--?([A-Za-z][\w-]*)\s+)(?!-)({_VALUE})")
_KNOWN_FORMS = re.compile(
    r"\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{12,}|xox[abeprs]-[\w-]{8,}|sk-[\w-]{16,}|(?:AKIA|ASIA)[0-9A-Z]{12,}"
    r"|AIza[\w-]{24,}|npm_\w{24,}|pypi-[\w-]{16,}|hf_\w{16,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}")
_CREDENTIALS = re.compile(r"""(?<=://)[^/\s'"<>]*@""")
_MAIL = re.compile(r"(?<![\w.+-])(?!git@)[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")
_HOME = re.compile(r"(?:(?<![\w.])|(?<=[\s'\"]-[A-Za-z])|(?<=^-[A-Za-z]))/(?:home|Users)/[^\s/'\":,;)]+")
_IN_QUOTES = re.compile(r"""(?<![\w.])(["'])(?:~|…)?/(?:[^"'\n:]*/)?([^"'/\n:]*)\1""")
_STEPS = r"(?:(?:\\.|[^\s/'\":\\])+/+)"
_ABSOLUTE = re.compile(
    rf"(?:(?<![\w./~…:)\]}}-])(?:~\w*|…)?/+{_STEPS}+"  # after anything that no path goes on from
    rf"|(?<=[^~\w/…]~)/+{_STEPS}+|(?<=…)/{_STEPS}+"
    rf"|(?<=:)(?!//)/{_STEPS}+"  # PATH=/a:/b/c, host:/b/c; but no http://host/b
    rf"|(?<=://)/+{_STEPS}+"  # file:///b/c
    rf"|(?<=[\s'\"]-[A-Za-z])/+{_STEPS}+|(?<=^-[A-Za-z])/+{_STEPS}+)"  # -I/b/c
)
_WINDOWS = re.compile(r"(?<![\w])[A-Za-z]:\\(?:[^\s\\'\"]+\\)+")
_RELATIVE = re.compile(r"(?<![^\s'\"=:,;(\[{<>|])(?!/)[^\s'\"=:,;()\[\]{}<>|]*\.\./[^\s'\":,;)\]}<>|]*")


def publishable(text: str, *, names: bool = True, identified: bool = False) -> str:
    """A text without what must not be published.

    Args:
        text: of any kind.
        names: whether names of people and machines are taken out of it; not out of words that stand for something else.
        identified: whether the user wants to be found: then only secrets are taken out.
    """
    for _ in range(_MOST_TIMES):
        before, text = text, _looked_through(text, names=names, identified=identified)
        if text == before:
            break
    return text


def _looked_through(text: str, *, names: bool, identified: bool) -> str:
    text = _without_secrets(text)
    if identified:
        return text
    text = _without_names(text) if names else text
    return _without_folders(text) if "/" in text or "\\" in text else text


def is_secret(name: str) -> bool:
    """Whether what has this name is nobody's business: an environment variable, an option, a key."""
    parted = _HUMP.sub("_", name)
    return name not in _FOLDERS and bool(_SECRET.search(parted) or _LOUD_KEY.search(name))


def _without_secrets(text: str) -> str:
    if (known := _of_environment()) is not None:
        text = known.sub(HIDDEN, text)
    text = _KNOWN_FORMS.sub(HIDDEN, text)
    if "://" in text:
        text = _CREDENTIALS.sub("", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    if "=" in text:
        text = _without_values(text, _ASSIGNED, lambda name, _: is_secret(name))
    if ":" in text:
        text = _without_values(text, _TOLD, _is_told)
    if "-" in text:
        text = _OPTION.sub(lambda it: it[1] + HIDDEN if is_secret(it[2]) else it[0], text)
    return text


def _without_values(text: str, named: re.Pattern[str], is_hidden: Callable[[str, str], bool]) -> str:
    """A text without the values behind these names. The value of another name is looked through: `a=password=b`, `a="password=b"`."""
    kept, done, at = [], 0, 0
    while (it := named.search(text, at)) is not None:
        at = it.end()
        if is_hidden(it["name"], it["quote"]) and (value := _NAMED_VALUE.match(text, at)) is not None:
            kept += [text[done:at], HIDDEN]
            done = at = value.end()
    return "".join([*kept, text[done:]])


def _is_told(name: str, quote: str) -> bool:
    """Whether `name: value` tells a secret: `token: unexpected` in a message tells none, `"token": "x"` does."""
    return is_secret(name) and bool(quote or name.lower() not in ("token", "auth", "pass", "key", "cookie"))


def _without_folders(text: str) -> str:
    home = _home()
    if len(home) > 1:
        text = re.sub(rf"(?<![\w.]){re.escape(home)}(?![\w.-])", "~", text)
    text = _HOME.sub("~", text)
    text = _IN_QUOTES.sub(lambda it: it[0] if it[0].count("/") < 2 else f"{it[1]}{CUT}{it[2]}{it[1]}", text)
    text = _ABSOLUTE.sub(CUT, text)
    text = _RELATIVE.sub(lambda it: _inside(it[0]), text)
    return _WINDOWS.sub("…\\\\", text)


def _inside(path: str) -> str:
    """A relative path; where it leads out of the folder it starts from, without its folders."""
    reached = posixpath.normpath(path)
    return CUT + posixpath.basename(path) if reached.startswith("..") else path


def _without_names(text: str) -> str:
    if "@" in text:
        text = _MAIL.sub(HIDDEN, text)
    names = _names()
    return text if names is None else names.sub(HIDDEN, text)


@cache
def _of_environment() -> re.Pattern[str] | None:
    """Values of variables whose names say that they are secret."""
    values = {value for name, value in os.environ.items() if is_secret(name) and len(value) >= _SHORTEST_SECRET}
    return _any_of({each for each in values if not each.startswith("/")})


@cache
def _names() -> re.Pattern[str] | None:
    """The user's login and full name, and the machine's name; those that tell it from others."""
    found = {platform.node(), platform.node().partition(".")[0]}
    try:
        found.add(getpass.getuser())
        import pwd

        found.add(pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0])
    except (ImportError, KeyError, OSError):  # a user of a container has no entry
        pass
    found = {each for each in found if len(each) >= _SHORTEST_NAME and each.lower() not in _NOBODY}
    return _any_of(found, r"(?<!\w)", r"(?!\w)", re.IGNORECASE)


def _any_of(words: set[str], before: str = "", after: str = "", flags: int = 0) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(before + f"(?:{'|'.join(map(re.escape, longest_first))})" + after, flags) if words else None


@cache
def _home() -> str:
    return os.path.expanduser("~").rstrip("/")
