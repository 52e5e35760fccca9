"""A plain Datasette in an environment with packpress is the Datasette of an environment without it."""

import json
import re
import subprocess
import sys

import pytest

# Asks a plain Datasette for pages of a database; what it answers, and what it has loaded, as JSON.
PROGRAM = r"""
import asyncio, json, mimetypes, re, sys
before = mimetypes.guess_type("x.parquet"), mimetypes.guess_type("x.db"), mimetypes.guess_type("x.csv")
from datasette.app import Datasette
from datasette.plugins import pm
asleep, database, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
if asleep == "unregistered":
    pm.unregister(name="packpress")
elif asleep == "registered":
    assert pm.get_plugin("packpress"), "packpress is not installed as a plugin of Datasette"
async def main():
    datasette = Datasette([database])
    answers = {}
    for path in paths:
        answer = await datasette.client.get(path)
        text = re.sub(r'[0-9.]+ ?ms|"(query_)?ms": ?[0-9.]+', "", answer.text)
        answers[path] = [answer.status_code, sorted(answer.headers.items()), text]
    routes = [str(pattern.pattern) for pattern, _ in datasette._routes()]
    facets = [kind.__name__ for kinds in pm.hook.register_facet_classes() for kind in kinds]
    sources = sorted(datasette.jinja_env.globals)
    after = mimetypes.guess_type("x.parquet"), mimetypes.guess_type("x.db"), mimetypes.guess_type("x.csv")
    loaded = sorted(name for name in sys.modules if name.startswith("packpress"))
    print(json.dumps([answers, routes, facets, sources, before == after, loaded]))
asyncio.run(main())
"""
PATHS = [
    "/", "/fleet", "/fleet/boats", "/fleet/boats/boat-001", "/fleet/boats.json", "/fleet/boats.csv", "/-/databases.json",
    "/fleet/boats?_facet_linked=port_id", "/fleet/boats?_facet_linked=x", "/fleet/boats?_facet=rig", "/fleet/boats?_port_id=kiel",
    "/fleet?sql=select+1", "/search", "/dictionary", "/downloads", "/static/site.css", "/robots.txt", "/-/datapackage.json",
    "/fleet/boats.parquet", "/nope", "/fleet/boats?nope=1", "/fleet/boats?_sort=nope", "/fleet.html", "/-/settings.json",
]  # fmt: skip

COUNTED = re.compile(r"Many rows|[0-9,]+ rows?|&gt;[0-9,]+ rows|many rows", re.IGNORECASE)


def ask(asleep, build):
    line = [sys.executable, "-c", PROGRAM, asleep, str(build("rich") / "fleet.db"), *PATHS]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=True)
    # Before it stand the tracebacks that Datasette prints of its own accord.
    found = json.loads(done.stdout.splitlines()[-1])
    # Datasette counts rows for ten milliseconds, and a busy machine then says that they are many.
    found[0] = {path: [*rest, COUNTED.sub("rows", text)] for path, (*rest, text) in found[0].items()}
    return found


@pytest.fixture(scope="module")
def with_packpress(build):
    return ask("registered", build)


@pytest.mark.long
def test_a_plain_datasette_answers_as_one_without_packpress(with_packpress, build):
    without = ask("unregistered", build)
    for path in PATHS:
        assert with_packpress[0][path] == without[0][path], path
    assert with_packpress[1] == without[1]
    assert with_packpress[3] == without[3]
    # Datasette asks for classes of facets before it says for which site.
    assert [name for name in with_packpress[2] if name not in without[2]] == ["LinkedFacet"]


@pytest.mark.long
def test_nothing_of_packpress_is_loaded_but_the_plugin_itself(with_packpress):
    *_, are_types_as_before, loaded = with_packpress
    assert are_types_as_before
    assert loaded == ["packpress", "packpress.web", "packpress.web.plugin"]


@pytest.mark.long
def test_the_command_of_datasette_is_stock(build):
    line = [sys.executable, "-m", "datasette", str(build("rich") / "fleet.db"), "--get"]
    home, table = (
        subprocess.run([*line, path], capture_output=True, text=True, timeout=120)
        for path in ("/", "/fleet/boats")
    )
    assert "Powered by" in home.stdout and "static/site.css" not in home.stdout + table.stdout
