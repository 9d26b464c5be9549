"""Messages of any length over a stream socket: eight bytes of length, then the message."""

import socket

LENGTH_BYTES = 8


class FramedSocket:
    """One end. It has no lock: one process sends on it and one receives."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def put(self, message: bytes | bytearray) -> None:
        """Send a message whole; waits while the other end does not read."""
        length = len(message).to_bytes(LENGTH_BYTES, "big")
        sent = self._socket.sendmsg((length, message))
        if sent < LENGTH_BYTES + len(message):  # a signal came between
            self._socket.sendall((length + message)[sent:])

    def get(self) -> bytearray:
        """Receive a message whole.

        Raises:
            EOFError: if the other end was closed.
        """
        return self._exactly(int.from_bytes(self._exactly(LENGTH_BYTES), "big"))

    def _exactly(self, size_bytes: int) -> bytearray:
        received = bytearray(size_bytes)
        with memoryview(received) as view:
            filled = 0
            while filled < size_bytes:
                count = self._socket.recv_into(view[filled:], 0, socket.MSG_WAITALL)
                if count == 0:
                    raise EOFError("the other end of the socket was closed")
                filled += count
        return received
