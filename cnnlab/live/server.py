"""An extension of the Jupyter server, which lets small messages leave it at once.

TCP holds a small message back until the last one is acknowledged (Nagle's algorithm), and the other side
takes 40 ms or more to acknowledge what it has no answer to. The server leaves it so. For what a panel shows
while a slider moves or a camera films, that would double the delay. `make lab` switches this on for its own
server; `jupyter server extension enable --sys-prefix cnnlab.live.server` does for all of an environment.
"""

from typing import Any

KEY = "kernel_websocket_connection_class"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    settings = app.web_app.settings
    settings[KEY] = prompt(settings[KEY])


def prompt(connection: type) -> type:
    """The same kind of connection between a page and its kernel, which holds nothing back."""

    class Prompt(connection):  # type: ignore[misc, valid-type]
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return Prompt
