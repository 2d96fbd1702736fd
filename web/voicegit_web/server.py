"""Runs the service: gunicorn's threads in one worker process, which opens the workspace after the fork and closes it at the end."""

import contextlib
import errno
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask_openapi3.openapi import OpenAPI
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from voicegit import bootstrap, config
from voicegit.bootstrap import App
from voicegit.config import Settings
from voicegit.errors import Invalid, Unavailable
from voicegit.services import notify, people
from voicegit_web import create_app
from voicegit_web.pages import signin
from voicegit_web.service import Service

GRACE = 3
"""Seconds that requests in flight have after SIGTERM. What they leave undone is in rows, and the next start goes on with it."""


def serve(root: Path, *, host: str | None = None, port: int | None = None) -> None:
    """Serves until it is told to stop; ends the process. Raises `VoicegitError` when it cannot begin."""
    settings = config.read(root)
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    with bootstrap.opened(root) as app:
        notify.check(app.workspace)  # what is wrong with the workspace is said here, in a sentence, and not in a worker's log
    listener = listen(settings)
    Server(root, settings, listener).run()


def listen(settings: Settings) -> socket.socket:
    """The socket, taken before anything is started. Raises `Unavailable` when another program has the port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as exc:
        listener.close()
        raise Unavailable(_cannot_listen(settings, exc)) from exc
    except OverflowError as exc:
        listener.close()
        raise Invalid(f"{settings.port} is not a port; use 0 to 65535.") from exc
    listener.set_inheritable(True)
    return listener


def _cannot_listen(settings: Settings, exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return f"Port {settings.port} is in use by another program. Stop it, or choose another: 'voicegit serve --port {settings.port + 1}'."
    if exc.errno == errno.EACCES:
        return f"This user may not listen on port {settings.port}. Choose one above 1023."
    return f"{settings.host} is not an address of this machine ({exc.strerror}). Use 127.0.0.1, or one that 'ip address' shows."


class Worker(ThreadWorker):  # type: ignore[misc]
    """Ends the live pages at the first sign of stopping, so that nobody waits for them."""

    service: Service | None = None

    def handle_exit(self, sig: int, frame: Any) -> None:
        if Worker.service is not None:
            Worker.service.stopping.set()
        super().handle_exit(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told what to do by us alone: no configuration file, no control socket, no log but errors."""

    def __init__(self, root: Path, settings: Settings, listener: socket.socket) -> None:
        self.root = root
        self.settings = settings
        self.port = listener.getsockname()[1]
        self.descriptor = listener.detach()
        self.opened: App | None = None
        super().__init__()

    def load_config(self) -> None:
        values = {
            "bind": [f"fd://{self.descriptor}"],
            "workers": 1,
            "worker_class": Worker,
            "threads": self.settings.threads,
            "graceful_timeout": GRACE,
            "keepalive": 15,
            "preload_app": False,
            "loglevel": "error",
            "errorlog": "-",
            "control_socket_disable": True,
            # `security` decides which proxy is believed.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "post_fork": _shorter_grace,
            "worker_exit": lambda arbiter, worker: self.close(),
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> OpenAPI:
        """In the worker, after the fork."""
        self.opened = self.open()
        web = create_app(self.opened)
        web.config["VOICEGIT_ADDRESS"] = address = self.address()
        running: Service = web.extensions["voicegit"]
        Worker.service = running
        running.start()
        self.announce(running, address)
        return web

    def open(self) -> App:
        return bootstrap.served_at(bootstrap.open_app(self.root), replace(self.settings, port=self.port))

    def address(self) -> str:
        return replace(self.settings, port=self.port).opened_at

    def announce(self, running: Service, address: str) -> None:
        workspace = running.app.workspace
        config.announce(self.root, address)
        sys.stdout.write(f"{workspace.directives.serving().policy.business.name} is served at {address}\n")
        owner = people.named(workspace, None)
        signin.announce(signin.link_for(running, owner, address), owner)
        sys.stdout.write("  Stop with Ctrl-C.\n")
        sys.stdout.flush()

    def close(self) -> None:
        """In the worker, when it ends. A request that still runs loses its connection, and what it did not finish is done at the next start."""
        if Worker.service is not None:
            Worker.service.stop()
            config.withdraw(self.root, self.address())
        if self.opened is not None:
            with contextlib.suppress(Unavailable):
                self.opened.close()


def _shorter_grace(arbiter: Any, worker: Any) -> None:
    """The worker gives up a second before the arbiter kills it, so that it still closes what it opened."""
    worker.cfg.set("graceful_timeout", GRACE - 1)
