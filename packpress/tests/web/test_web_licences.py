"""Licences that are files: every address that a site gives for one leads to its text, and it gives no other."""

import asyncio
import re

import pytest
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES
from packpress.web.site import open_site
from tests.web.packages import field, table, write_package

from packpress import build, read_package

TEXT = "Do with it what you like.\n"
LINK = re.compile(r'<([^>]+)>; rel="license"')


def collect_addresses(part: object) -> list[str]:
    """The addresses in a description that lead to files of licences on the server."""
    if isinstance(part, dict):
        return [found for item in part.values() for found in collect_addresses(item)]
    if isinstance(part, list):
        return [found for item in part for found in collect_addresses(item)]
    return [part] if isinstance(part, str) and part.startswith("http://localhost/-/") else []


@pytest.mark.parametrize(
    ("path", "formats", "served"),
    [
        ("LICENSE", None, True),
        ("LICENSE.md", None, True),
        ("LICENSE.md", {"sqlite", "parquet"}, True),
        ("terms/LICENSE.md", None, False),
        ("LICENSE.html", None, False),
    ],
)
def test_the_address_of_a_licence_leads_to_its_text(path, formats, served, tmp_path):
    boats = table("boats", [field("boat")], [["Ida"]], primaryKey="boat")
    source, output = tmp_path / "package", tmp_path / "build"
    source.mkdir()
    descriptor = write_package(
        source, [boats], {path: TEXT}, licenses=[{"name": "own", "path": path}], name="fleet"
    )
    build(read_package(descriptor), output, **({"formats": formats} if formats else {}))
    datasette = open_site(read_build(output), PROFILES["local"])

    async def ask() -> list[str]:
        home = await datasette.client.get("/")
        links = LINK.findall(home.headers.get("link", ""))
        for name in ("/-/datapackage.json", "/-/croissant.json"):
            described = (await datasette.client.get(name)).json()
            links += [link for link in collect_addresses(described) if path in link]
        for link in links:
            answer = await datasette.client.get(link.removeprefix("http://localhost"))
            assert (answer.status_code, answer.text) == (200, TEXT), link
        return links

    assert bool(asyncio.run(ask())) == served
