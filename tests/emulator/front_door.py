"""The port on which everything is served: open, or closed for a while as in an outage."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

HOST = "127.0.0.1"


class Server(ThreadedWSGIServer):
    """A server that knows its open connections, by the threads that answer them."""

    def __init__(self, port: int, application: Any) -> None:
        self._lock = threading.Lock()
        self._connections: dict[int, socket.socket] = {}
        super().__init__(HOST, port, application, MotoRequestHandler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer the requests of one connection."""
        with self._lock:
            self._connections[threading.get_ident()] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(threading.get_ident(), None)

    def break_connections(self) -> int:
        """End all connections but that of the calling thread, in the middle of what they do; how many they were."""
        with self._lock:
            others = [connection for thread, connection in self._connections.items() if thread != threading.get_ident()]
        for connection in others:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return len(others)


class FrontDoor:
    """Serves an application on a port; 0 picks a free one."""

    def __init__(self, port: int, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._server = Server(port, application)
        self.port: int = self._server.server_port
        self.url = f"http://{HOST}:{self.port}"

    def open(self) -> None:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, name="server", daemon=True).start()

    def close(self) -> None:
        """Take no more connections; those that are open go on."""
        # A process that is just being started has a copy of the socket for a moment: closing ours alone wouldn't do.
        self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()

    def pause(self, seconds: float) -> int:
        """Break all open connections but the caller's own, and refuse new ones for so long; how many broke."""
        with self._lock:
            closed = self._server
            self.close()
            with _keep(self.port):
                broken = closed.break_connections()
                time.sleep(seconds)
                self._server = Server(self.port, self._application)
            self.open()
        return broken


@contextlib.contextmanager
def _keep(port: int) -> Any:
    """Keep a port from others without listening on it: who connects is refused."""
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((HOST, port))
        yield
