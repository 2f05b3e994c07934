"""A way between two nodes that never breaks off: whoever is left by one side still gets an orderly end.

A node of tests (`tools/clickhouse_node.py`) ends as a whole when another one drops a connection before all
was read, as it does whenever a LIMIT is reached. Through a relay it sees the connection close instead.
"""

import socket
import threading
from contextlib import suppress

_CHUNK = 1 << 16


class Relay:
    """Listens on a free port of loopback and hands everything on to another one, until closed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._start(self._accept)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, work, *arguments: object) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            with suppress(OSError):
                server.connect(("127.0.0.1", self._target))
                self._open |= {client, server}
                there = threading.Thread(target=_hand_on, args=(client, server), daemon=True)
                there.start()
                _hand_on(server, client)
                there.join()
            self._open -= {client, server}


def _hand_on(source: socket.socket, target: socket.socket) -> None:
    """Everything up to the end of `source`, however it ends; what the target no longer takes is read too."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            with suppress(OSError):
                target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
