"""Command: serves the last good build with Datasette, for this machine or for everybody."""

import socket
from dataclasses import replace
from pathlib import Path

import click
from packpress.exit_codes import exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, read_descriptor
from packpress.problems import CannotRunError
from packpress.publish.swap import recover
from packpress.web.profiles import PROFILES


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="To listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen on.")
@click.option(
    "--build", "output", type=click.Path(path_type=Path), default=Path("build"), help="Folder of the build."
)
@click.option(
    "--profile",
    "name",
    type=click.Choice(list(PROFILES)),
    default="local",
    show_default=True,
    help="For this machine, or for everybody: no SQL of their own, bounds on all that is asked.",
)
@click.option(
    "--site", "origin", default="", envvar="SITE", help="Where people find the site: https://example.org/"
)
@click.option("--cache-mb", type=click.IntRange(min=0), help="Room for copies of answers; the profile's own.")
@exit_plainly
def main(
    descriptor: Path, port: int, host: str, output: Path, name: str, origin: str, cache_mb: int | None
) -> None:
    """Serve the build of DESCRIPTOR (./datapackage.json) until Ctrl-C."""
    package = read_descriptor(descriptor)
    recover(output)
    database = output / f"{package.database_name}.db"
    if not database.is_file():
        raise CannotRunError(f"{database}: no such database; run make build first")
    require_free_port(host, port)
    # A second to import, and not needed to say what is missing.
    from packpress.web.server import run_server
    from packpress.web.site import open_site, read_metadata

    profile = PROFILES[name]
    if cache_mb is not None:
        profile = replace(profile, limits={**profile.limits, "cache_mb": cache_mb})
    site = open_site(package.root, database, profile, read_metadata(package.root / "metadata.yml"), origin)
    title = f"{package.raw.get('title', package.name)} {package.version}"
    click.echo(f"Serving {title} on http://{host}:{port}{site.setting('base_url')} (Ctrl-C stops)", err=True)
    run_server(site.client.app, host, port, profile)


def require_free_port(host: str, port: int) -> None:
    """Nobody listens on the port; CannotRunError otherwise."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotRunError(f"host {host}: {error.strerror}; name an address of this machine") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the server itself will: a port in the last moments of a closed connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CannotRunError(f"port {port}: {error.strerror}; choose another with PORT=") from None


if __name__ == "__main__":
    main()
