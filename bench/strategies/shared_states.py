"""The state that workers share, in each of its forms: how it is set to 0, read and updated.

A state is made once, for as many slots as any job has; it reaches the workers as an argument when they are started.
"""

import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Protocol

SLOTS = 16
ITEM_BYTES = 8


class State(Protocol):
    """Whole numbers, by slot."""

    def reset(self) -> None:
        """Set all slots to 0."""

    def read(self) -> list[int]:
        """All slots."""

    def update(self, slot: int, amount: int) -> None:
        """Add to a slot."""


class Values:
    """An object with a `value` for each slot, and a lock for each, which may be one for all."""

    def __init__(self, values: Sequence[Any], locks: Sequence[Any]) -> None:
        self._values, self._locks = values, locks

    def reset(self) -> None:
        """Set all slots to 0."""
        for each in self._values:
            each.value = 0

    def read(self) -> list[int]:
        """All slots."""
        return [each.value for each in self._values]

    def update(self, slot: int, amount: int) -> None:
        """Add to a slot, under its lock."""
        with self._locks[slot]:
            self._values[slot].value += amount


class Items:
    """A sequence or mapping with an item for each slot, and a lock for all."""

    def __init__(self, items: Any, lock: Any) -> None:
        self._items, self._lock = items, lock

    def reset(self) -> None:
        """Set all slots to 0."""
        for slot in range(SLOTS):
            self._items[slot] = 0

    def read(self) -> list[int]:
        """All slots."""
        return [self._items[slot] for slot in range(SLOTS)]

    def update(self, slot: int, amount: int) -> None:
        """Add to a slot, under the lock."""
        with self._lock:
            self._items[slot] += amount


class InterruptedItems(Items):
    """A list without a lock, where other threads come in between reading and writing.

    `items[slot] += amount` alone is not interrupted by CPython 3.10 and later with the interpreter lock, which lets
    other threads in only at calls and jumps; nobody promises that. A call in between, such as this one that gives up
    the lock, loses updates.
    """

    def __init__(self) -> None:
        super().__init__([0] * SLOTS, nullcontext())

    def update(self, slot: int, amount: int) -> None:
        """Read, give way, write."""
        seen = self._items[slot]
        time.sleep(0)
        self._items[slot] = seen + amount


class SharedBytes:
    """A `SharedMemory` that is read and written as whole numbers of eight bytes, and a lock for all."""

    def __init__(self, memory: Any, lock: Any) -> None:
        self._memory, self._lock = memory, lock

    def reset(self) -> None:
        """Set all slots to 0."""
        self._memory.buf[: SLOTS * ITEM_BYTES] = bytes(SLOTS * ITEM_BYTES)

    def read(self) -> list[int]:
        """All slots."""
        return [self._get(slot) for slot in range(SLOTS)]

    def update(self, slot: int, amount: int) -> None:
        """Add to a slot, under the lock."""
        with self._lock:
            changed = self._get(slot) + amount
            start = slot * ITEM_BYTES
            self._memory.buf[start : start + ITEM_BYTES] = changed.to_bytes(ITEM_BYTES, "little", signed=True)

    def _get(self, slot: int) -> int:
        start = slot * ITEM_BYTES
        return int.from_bytes(self._memory.buf[start : start + ITEM_BYTES], "little", signed=True)


_global_items = [0] * SLOTS


class GlobalItems:
    """A plain list of this module: each process has its own."""

    def reset(self) -> None:
        """Set all slots of this process's list to 0."""
        _global_items[:] = [0] * SLOTS

    def read(self) -> list[int]:
        """All slots of this process's list."""
        return list(_global_items)

    def update(self, slot: int, amount: int) -> None:
        """Add to a slot of this process's list."""
        _global_items[slot] += amount
