"""Python imports this at its start: afterwards no socket reaches beyond this machine."""

import socket

HERE = ("127.", "localhost", "::1", "0.0.0.0")
connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _check(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name and not name.startswith(HERE):
        raise OSError(f"the network is cut off: {name} was asked for")


def _check_address(address: object) -> None:
    if isinstance(address, tuple):  # a Unix socket's address is a path
        _check(address[0])


def _connect(self, address):
    _check_address(address)
    return connect(self, address)


def _connect_ex(self, address):
    _check_address(address)
    return connect_ex(self, address)


def _getaddrinfo(host, *args, **kwargs):
    _check(host)
    return getaddrinfo(host, *args, **kwargs)


socket.socket.connect = _connect  # type: ignore[method-assign]
socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]
socket.getaddrinfo = _getaddrinfo
