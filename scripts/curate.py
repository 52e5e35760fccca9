"""Command: opens the workbench on a draft in a browser, on this machine only."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import click
import uvicorn
from packpress.console import exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.problems import CannotRunError

from scripts.curating.app import App, Gate
from scripts.curating.desk import Desk
from scripts.curating.page_routes import list_routes
from scripts.curating.readings import SECOND_READERS
from scripts.curating.workbench import Workbench

# The same each time, so that a browser finds what it kept for the pages of the last time.
USUAL_PORT = 8002


@click.command()
@click.argument("source_id", metavar="SOURCE")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--reader",
    type=click.Choice([*SECOND_READERS]),
    default=None,
    help="Read blind, as a second reader: reader-b of the claims, reader-d of the relations between them.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=None, help="The port; 8002 or a free one if not given."
)
@exit_plainly
def main(source_id: str, descriptor: Path, reader: str | None, port: int | None) -> None:
    """Open the draft SOURCE of DESCRIPTOR (./datapackage.json) in a browser, on this machine only.

    The address that is printed has a token, without which nothing is shown. Each save is on disk before it is
    confirmed.
    """
    desk = Desk(descriptor, source_id, reader or "")
    desk.read()
    with open_socket(port) as listening:
        gate = Gate(listening.getsockname()[1])
        workbench = Workbench(desk, gate, list_routes(desk.reader))
        app = App(gate, workbench.find_handler, workbench.show_error)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
        )
        click.echo(f"Curating {source_id} on {gate.address} (Ctrl-C stops)")
        with suppress(KeyboardInterrupt):
            asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def open_socket(port: int | None) -> socket.socket:
    """A socket on the loopback address; CannotRunError when a port that was asked for is taken."""
    if port is None:
        try:
            return open_socket(USUAL_PORT)
        except CannotRunError:
            return open_socket(0)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        # Before the address is printed, because whoever reads it may ask at once.
        listening.listen()
    except OSError as error:
        listening.close()
        raise CannotRunError(f"port {port}: {error.strerror}; choose another with --port") from None
    return listening


if __name__ == "__main__":
    main()
