"""Signs that an output cannot hold, spelled in ASCII: no command ends because a terminal does not know `×` or `µ`.

An error handler of codecs does it, below all that prints; what is laid out in columns is spelled before it is measured.
"""

import codecs

HANDLER = "bench.spelled"
"""The handler's name, as `errors` of a text stream."""
SPELLED = {
    "×": "x", "µ": "u", "–": "-", "−": "-", "…": "...", "≥": ">=", "≤": "<=", "≠": "#", "±": "+-", "→": "->", "·": "|",
    "Σ": "sum", "²": "^2", "✓": "v", "✗": "x", "†": "D", "“": '"', "”": '"', "✅": "OK", "❌": "FAIL", "\ufffd": "?",
}  # fmt: skip
"""What reports, help and messages use beyond ASCII."""
_FIRST_RAW, _LAST_RAW = 0xDC80, 0xDCFF
"""Bytes of a file name that are no text in its encoding, as PEP 383 carries them."""


def spelled(text: str, encoding: str) -> str:
    """`text` as an output of this encoding shows it; unchanged where the encoding can hold it."""
    return text.encode(encoding, HANDLER).decode(encoding, "surrogateescape")


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    """The first character that does not fit: as `SPELLED`, as the byte it stands for, or escaped as in Python's text."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign = error.object[error.start]
    if _FIRST_RAW <= ord(sign) <= _LAST_RAW:
        return bytes([ord(sign) - 0xDC00]), error.start + 1
    return SPELLED.get(sign) or sign.encode("ascii", "backslashreplace").decode(), error.start + 1


codecs.register_error(HANDLER, _spell)
