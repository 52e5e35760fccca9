"""The container file, as far as it can be tried without an engine: it is read, and what it names is there."""

import json
import re
import shlex
import shutil
import urllib.request

import pytest
from packpress.console import VALID

from tests.conftest import ROOT, run
from tests.site_client import start_server

TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
# ADD, which would fetch and unpack, is not among them.
KNOWN = {
    "FROM",
    "WORKDIR",
    "COPY",
    "RUN",
    "ENV",
    "USER",
    "EXPOSE",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """Each instruction with its words, comments left out and continued lines joined."""
    lines = re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines if line.strip()]


def test_every_instruction_is_known(steps):
    assert {name for name, _ in steps} <= KNOWN


def test_images_are_named_with_their_version(steps):
    for words in (words for name, words in steps if name == "FROM"):
        assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-\w+( AS \w+)?", words)


def test_everything_that_is_copied_is_there(steps):
    copied = [words.split() for name, words in steps if name == "COPY"]
    for source in (source for words in copied if not words[0].startswith("--from") for source in words[:-1]):
        assert (ROOT / source).exists(), source
    built = {source for words in copied if not words[0].startswith("--from") for source in words[:-1]}
    kept = {
        source.removeprefix("/app/")
        for words in copied
        if words[0].startswith("--from")
        for source in words[1:-1]
    }
    assert kept - built == {".venv", "dist/public"}


def test_it_runs_as_nobody_and_is_watched(steps):
    words = dict(steps)
    assert words["USER"] == "10001:10001"
    assert "/-/health" in words["HEALTHCHECK"]
    assert words["STOPSIGNAL"] == "SIGTERM"
    assert words["EXPOSE"] in words["CMD"] and words["EXPOSE"] in words["HEALTHCHECK"]


@pytest.mark.long
def test_the_command_that_it_starts_takes_these_words(steps):
    words = dict(steps)
    command, verb, *options = json.loads(words["ENTRYPOINT"]) + json.loads(words["CMD"])
    assert (command, verb) == ("/app/.venv/bin/packpress", "serve")
    done = run("serve", *options, "--help")
    assert done.returncode == VALID
    for option in (option for option in options if option.startswith("--")):
        assert option in done.stdout


@pytest.mark.long
def test_what_it_runs_to_build_takes_these_words(steps):
    built = next(words for name, words in steps if "packpress build" in words)
    options = shlex.split(built.partition("packpress build ")[2].partition("&&")[0])
    assert run("build", *options, "--help").returncode == VALID


def test_the_watch_asks_for_what_is_there(steps):
    code = json.loads(dict(steps)["HEALTHCHECK"].partition("CMD ")[2])[2]
    compile(code, "Containerfile", "exec")


@pytest.mark.long
def test_what_is_copied_is_enough_to_build_and_to_serve(steps, tmp_path):
    """Both stages, in two folders in the place of two images."""
    sources = (words for name, words in steps if name == "COPY" and not words.startswith("--from"))
    for *names, place in map(str.split, sources):
        for name in names:
            copy(ROOT / name, tmp_path / "build" / (place + name if place.endswith("/") else place))
    options = shlex.split(
        next(words for _, words in steps if "packpress build" in words)
        .partition("packpress build ")[2]
        .partition("&&")[0]
    )
    done = run("build", *options, cwd=tmp_path / "build")
    assert done.returncode == VALID, done.stderr
    for name, words in steps:
        if name == "COPY" and words.startswith("--from") and ".venv" not in words:
            for source in (source.removeprefix("/app/") for source in words.split()[1:-1]):
                copy(tmp_path / "build" / source, tmp_path / "served" / source)
    folder, *options = [word for word in json.loads(dict(steps)["ENTRYPOINT"])[2:] if word != "0.0.0.0"]
    options.remove("--host")
    with start_server(tmp_path / "served" / folder, *options, cwd=tmp_path / "served") as server:
        for path in ("/", "/method", "/downloads", "/ketamine_pain/claims_flat.parquet", "/-/health"):
            with urllib.request.urlopen(server.address + path) as answer:
                assert answer.status == 200, path


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
