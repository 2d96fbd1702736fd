"""serve: the web service, in the foreground."""

from pathlib import Path

import click


@click.command("serve")
@click.option("--host", help="The address to listen on; else the setting 'host' (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; else the setting 'port' (8080). 0 takes any that is free.")
@click.pass_obj
def serve_command(root: Path, host: str | None, port: int | None) -> None:
    """Run the web service and the background work, until Ctrl-C.

    \b
        voicegit -C shop serve --port 8080

    It prints its address and a link to sign in with, once.
    """
    from voicegit_web import server

    server.serve(root, host=host, port=port)
