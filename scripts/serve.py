"""Command: serves the last good build with Datasette on this machine."""

import os
import socket
import sys
from pathlib import Path

import click

from scripts.lib.command import exit_plainly
from scripts.lib.descriptor import DEFAULT_DESCRIPTOR, read_descriptor
from scripts.lib.problems import CannotRunError
from scripts.lib.publish.swap import recover

HOST = "127.0.0.1"
SITE = Path("site")
SETTINGS = {
    "default_page_size": "50",
    "max_returned_rows": "2000",
    "sql_time_limit_ms": "3000",
    "facet_time_limit_ms": "1000",
    "suggest_facets": "off",
}


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port to listen on."
)
@click.option(
    "--build", "output", type=click.Path(path_type=Path), default=Path("build"), help="Folder of the build."
)
@exit_plainly
def main(descriptor: Path, port: int, output: Path) -> None:
    """Serve the build of DESCRIPTOR (./datapackage.json) until Ctrl-C."""
    package = read_descriptor(descriptor)
    recover(output)
    database = output / f"{package.database_name}.db"
    if not database.is_file():
        raise CannotRunError(f"{database}: no such database; run make build first")
    require_free_port(port)
    title = f"{package.raw.get('title', package.name)} {package.version}"
    click.echo(f"Serving {title} on http://{HOST}:{port}/ (Ctrl-C stops)", err=True)
    # Datasette takes this process's place, so that signals and the exit code are its own.
    os.execv(
        sys.executable,
        [sys.executable, "-m", "datasette", *datasette_arguments(package.root, database, port)],
    )


def require_free_port(port: int) -> None:
    """Nobody listens on the port; CannotRunError otherwise."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server itself will: a port in the last moments of a closed connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotRunError(f"port {port}: {error.strerror}; choose another with PORT=") from None


def datasette_arguments(root: Path, database: Path, port: int) -> list[str]:
    """The words behind `datasette` that serve the database with our pages, and nothing else."""
    settings = [word for name, value in SETTINGS.items() for word in ("--setting", name, value)]
    site = root / SITE
    return [
        *("serve", "--immutable", str(database), "--host", HOST, "--port", str(port)),
        *("--metadata", str(root / "metadata.yml"), "--template-dir", str(site / "templates")),
        *("--plugins-dir", str(site / "plugins"), "--static", f"static:{site / 'static'}"),
        *("--static", f"files:{database.parent}", *settings),
    ]


if __name__ == "__main__":
    main()
