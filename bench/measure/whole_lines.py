"""Lines put together from what arrives in pieces, in time proportional to their bytes: no piece is looked through twice.

Standard library only, and no module that measured code can reach: hosts use it.
"""


class Lines:
    """What has arrived of a line that has not ended."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def add(self, data: bytes) -> list[bytes]:
        """Take the next piece; the lines that are whole now, without their ends."""
        if b"\n" not in data:
            self._pieces.append(data)
            return []
        first, *others = data.split(b"\n")
        whole = [b"".join([*self._pieces, first]), *others]
        self._pieces = [whole.pop()]
        return whole
