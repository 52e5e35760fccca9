"""Templates are looked for once, and compiled so that only what may be a coroutine is awaited."""

import asyncio
from types import SimpleNamespace

from jinja2 import FileSystemLoader
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES
from packpress.web.site import open_site
from tests.web.packages import PACKAGES


def test_a_template_is_looked_for_once(build, monkeypatch):
    looked = []
    look = FileSystemLoader.get_source

    def count_look(self, environment, name):
        looked.append(name)
        return look(self, environment, name)

    monkeypatch.setattr(FileSystemLoader, "get_source", count_look)
    datasette = open_site(read_build(build(next(iter(PACKAGES)))), PROFILES["local"])

    async def ask_twice() -> tuple[list[str], list[str]]:
        path = str(datasette.urls.table(datasette.get_database().name, "data_dictionary"))
        assert (await datasette.client.get(path)).status_code == 200
        first = [*looked]
        looked.clear()
        assert (await datasette.client.get(path)).status_code == 200
        return first, looked

    first, second = asyncio.run(ask_twice())
    assert "table.html" in first
    assert second == []


def test_the_end_of_a_loop_is_awaited_and_attributes_are_not(build):
    datasette = open_site(read_build(build(next(iter(PACKAGES)))), PROFILES["local"])

    async def render() -> str:
        await datasette.invoke_startup()
        text = "{% for boat in boats %}{{ boat.name }} {{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}"
        template = datasette.jinja_env.from_string(text)
        return await template.render_async(boats=[SimpleNamespace(name="Ida"), {"name": "Ann"}])

    assert asyncio.run(render()) == "Ida 1/2, Ann 2/2"
    source = datasette.jinja_env.compile("{{ boat.name }}", raw=True)
    assert "await" not in source.partition("async def root")[2]
