"""Lines put together from what arrives in pieces, in time proportional to their bytes: no piece is looked through twice.

Standard library only, and no module that measured code can reach: hosts use it.
"""

_MOST_BYTES = 1 << 26


class Lines:
    """What has arrived of a line that has not ended. Of one of more than 64 MiB, which is no message, only the end is kept."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0

    def add(self, data: bytes) -> list[bytes]:
        """Take the next piece; the lines that are whole now, without their ends."""
        self._held += len(data)
        if self._held > _MOST_BYTES:
            self._pieces, self._held = [], len(data)
        if b"\n" not in data:
            self._pieces.append(data)
            return []
        first, *others = data.split(b"\n")
        whole = [b"".join([*self._pieces, first]), *others]
        self._pieces = [whole.pop()]
        self._held = len(self._pieces[0])
        return whole
