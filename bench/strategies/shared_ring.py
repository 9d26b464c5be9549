"""A ring of message slots in shared memory, for one process that puts and one that gets.

How it waits: one semaphore counts the free slots and one the filled ones, so a side that finds nothing to do sleeps in
the kernel and does not spin. A message is copied once, into its slot; the receiver reads it where it lies.
"""

from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Self

LENGTH_BYTES = 8
MOST_BYTES = 8 * 2**20
MOST_SLOTS = 64


class Ring:
    """The ring; whoever makes it enters and leaves it, the two processes get it as an argument."""

    def __init__(self, context: Any, size_bytes: int) -> None:
        """Make the memory, with two slots at least.

        Args:
            context: of `multiprocessing`, for the semaphores.
            size_bytes: the longest message.
        """
        self._slot_bytes = LENGTH_BYTES + size_bytes
        self._slots = max(2, min(MOST_SLOTS, MOST_BYTES // self._slot_bytes))
        self._free = context.Semaphore(self._slots)
        self._filled = context.Semaphore(0)
        self._next = 0
        """The slot that this process turns to next: each of the two counts for itself."""
        self._memory: Any = SharedMemory(create=True, size=self._slots * self._slot_bytes)

    def put(self, message: Any) -> None:
        """Copy the message into the next slot; waits while none is free."""
        self._free.acquire()
        start, buffer = self._turn(), self._memory.buf
        text = start + LENGTH_BYTES
        buffer[start:text] = len(message).to_bytes(LENGTH_BYTES, "big")
        buffer[text : text + len(message)] = message
        self._filled.release()

    def get(self) -> Any:
        """The next message, where it lies; waits while there is none. It holds until `done` is called."""
        self._filled.acquire()
        start, buffer = self._turn(), self._memory.buf
        text = start + LENGTH_BYTES
        length = int.from_bytes(buffer[start:text], "big")
        return buffer[text : text + length] if length else b""

    def done(self) -> None:
        """Give back the slot of the message that was got."""
        self._free.release()

    def _turn(self) -> int:
        """Where the next slot starts; the one after it comes next."""
        start = self._next * self._slot_bytes
        self._next = (self._next + 1) % self._slots
        return start

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the memory; processes that still hold it keep it until they end."""
        self._memory.close()
        with suppress(FileNotFoundError):  # someone emptied /dev/shm
            self._memory.unlink()
