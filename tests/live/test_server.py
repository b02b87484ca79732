"""The server's extension: what a kernel says leaves the server at once."""

import asyncio
import socket
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from cnnlab.live import server
from cnnlab.live.server import KEY, prompt


class Connection:
    """As between a page and its kernel: made for a handler, connected when that opens."""

    def __init__(self, websocket_handler):
        self.websocket_handler = websocket_handler

    def connect(self):
        return "connected"


def holds_back(kind):
    """Whether TCP holds small messages back on a connection of this kind, and what connecting returned."""
    found = []

    class Handler(WebSocketHandler):
        def open(self):
            said = kind(self).connect()
            stream = self.ws_connection.stream
            found.append((not stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), said))

    async def talk():
        sockets = bind_sockets(0, "127.0.0.1")
        http = HTTPServer(Application([("/", Handler)]))
        http.add_sockets(sockets)
        client = await websocket_connect(f"ws://127.0.0.1:{sockets[0].getsockname()[1]}/")
        while not found:
            await asyncio.sleep(0.01)
        client.close()
        http.stop()

    asyncio.run(talk())
    return found[0]


@pytest.mark.parametrize(
    "kind, expected", [(Connection, (True, "connected")), (prompt(Connection), (False, "connected"))]
)
def test_small_messages_leave_at_once(kind, expected):
    assert holds_back(kind) == expected


def test_the_extension_changes_the_connections_that_the_server_makes():
    usual = ZMQChannelsWebsocketConnection
    app = SimpleNamespace(web_app=SimpleNamespace(settings={KEY: usual}))
    server._load_jupyter_server_extension(app)
    assert issubclass(app.web_app.settings[KEY], usual) and app.web_app.settings[KEY] is not usual
    assert server._jupyter_server_extension_points() == [{"module": "cnnlab.live.server"}]
