"""deploy/nginx.conf, run by nginx itself on loopback: before the public site, and over a folder of files."""

import gzip
import http.client
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from benchmarks.proxy import CONFIGURATION, NAME, STATIC_NAME, VISITOR, run_nginx
from tests.attacks import DATABASE, FLAT
from tests.conftest import run
from tests.site_client import start_server

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx; on Debian: apt-get install nginx-light"),
]
# The command of the file that compresses files beforehand.
COMMAND = "find /srv/site "


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    build = tmp_path_factory.mktemp("proxied") / "build"
    assert run("build", "--output", str(build), "--source-text", "quotes").returncode == 0
    words = ("--profile", "public", "--proxy", "127.0.0.1", "--site", "https://example.org/")
    with start_server(build, *words) as server:
        yield server


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    """A folder of a page, a script, data and what is not found, compressed as the file says."""
    root = tmp_path_factory.mktemp("static")
    (root / "claims").mkdir()
    files = {
        "index.html": "<p>home",
        "claims/index.html": "<p>claims",
        "404.html": "<p>nothing",
        "x.js": "x()",
    }
    for path, text in files.items():
        (root / path).write_text(text * 500, encoding="utf-8")
    for path in ("data.db", "data.parquet", "data.csv"):
        (root / path).write_bytes(b"data" * 1000)
    (line,) = [line for line in CONFIGURATION.read_text().splitlines() if COMMAND in line]
    command = line.strip().removeprefix("#").replace("/srv/site", str(root))
    subprocess.run(["sh", "-c", command], check=True)
    return root


@pytest.fixture(scope="module")
def port(site, static, tmp_path_factory):
    with run_nginx(tmp_path_factory.mktemp("nginx"), urlsplit(site.address).port, static) as port:
        yield port


def get(port, path, host=NAME, source="127.0.0.1", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(source, 0), timeout=30)
    with closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": host, **named})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def count_requests(site):
    # A line is written once the answer is sent.
    time.sleep(0.3)
    return len(site.read_log().splitlines())


def test_a_page_is_fetched_once_and_sent_as_each_visitor_takes_it(port, site):
    status, headers, packed = get(port, f"{FLAT}?_size=7", accept_encoding="gzip, br")
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    before = count_requests(site)
    for accepted in ("gzip", "br, gzip;q=0.5", "deflate, gzip"):
        assert get(port, f"{FLAT}?_size=7", accept_encoding=accepted)[2] == packed
    _, plain, body = get(port, f"{FLAT}?_size=7")
    assert "content-encoding" not in plain
    assert body == gzip.decompress(packed)
    assert get(port, f"{FLAT}?_size=7", method="HEAD")[::2] == (200, b"")
    known = get(port, f"{FLAT}?_size=7", accept_encoding="gzip", if_none_match=headers["etag"])
    assert (known[0], known[2]) == (304, b"")
    assert count_requests(site) == before
    # What protects a page is there, and no address of the machine or of the proxy is.
    assert "default-src 'none'" in headers["content-security-policy"]
    assert b"127.0.0.1" not in body and b"packpress/" not in body


def test_what_may_not_be_kept_is_not(port, site):
    for path, status in (("/nope", 404), (f"{FLAT}?_sort=nope", 400), (f"{FLAT}.csv?_size=max", 200)):
        before = count_requests(site)
        assert [get(port, path)[0] for _ in range(2)] == [status] * 2
        assert count_requests(site) == before + 2, path


def test_a_file_arrives_whole(port, site):
    direct = urlsplit(site.address).port
    for path in (f"{DATABASE}.db", f"{FLAT}.parquet", f"{FLAT}.csv?_stream=on&_size=max"):
        assert get(port, path)[2] == get(direct, path)[2]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"method": "POST"}, 405),
        ({"x": "a" * 9000}, 400),
        ({"a": "a" * 3500, "b": "b" * 3500, "c": "c" * 3500}, 400),
        ({"content_length": "5", "transfer_encoding": "chunked"}, 400),
    ],
)
def test_what_is_refused_by_the_site_is_refused_before_it_or_by_it(options, status, port):
    found = get(port, "/nope", **options)[0]
    assert found == status or (status, found) == (400, 431)


def test_one_address_is_held_back_and_another_is_not(port):
    with ThreadPoolExecutor(10) as crowd:
        found = [*crowd.map(lambda _: get(port, "/", source="127.0.0.9")[0], range(200))]
    assert {*found} == {200, 429}
    assert 60 <= found.count(200) < 150
    assert get(port, "/", source=VISITOR)[0] == 200
    assert get(port, "/-/health", source="127.0.0.9")[0] == 200


def test_a_page_is_shown_while_the_site_is_away(quotes_site, tmp_path):
    with run_nginx(tmp_path, urlsplit(quotes_site.address).port, tmp_path) as port:
        status, headers, body = get(port, "/", accept_encoding="gzip")
        quotes_site.process.terminate()
        quotes_site.process.wait()
        assert get(port, "/", accept_encoding="gzip")[::2] == (status, body)
        assert get(port, "/dictionary")[0] in (502, 504)


@pytest.fixture
def quotes_site(built):
    words = ("--profile", "public", "--proxy", "127.0.0.1", "--site", "https://example.org/")
    with start_server(built, *words) as server:
        yield server


def test_the_folder_is_served_compressed_and_with_its_headers(port, static):
    for path, file in (("/", "index.html"), ("/claims/", "claims/index.html"), ("/x.js", "x.js")):
        status, headers, body = get(port, path, STATIC_NAME, accept_encoding="gzip")
        assert (status, headers["content-encoding"]) == (200, "gzip")
        # The very bytes that were compressed beforehand.
        assert body == (static / f"{file}.gz").read_bytes()
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "frame-ancestors 'none'"
        assert get(port, path, STATIC_NAME)[2] == (static / file).read_bytes()
    status, headers, _ = get(port, "/claims", STATIC_NAME)
    assert (status, headers["location"]) == (301, "/claims/")
    status, _, body = get(port, "/nope", STATIC_NAME)
    assert (status, body) == (404, (static / "404.html").read_bytes())
    kinds = {
        "data.db": "application/vnd.sqlite3",
        "data.csv": "text/csv; charset=utf-8",
        "data.parquet": "application/vnd.apache.parquet",
    }
    for name, kind in kinds.items():
        assert get(port, f"/{name}", STATIC_NAME)[1]["content-type"] == kind
    assert get(port, "/../../etc/passwd", STATIC_NAME)[0] in (400, 404)


def test_tls_is_all_that_is_left_to_fill_in(tmp_path):
    """With a certificate and the lines for it no longer comments, the file is right for nginx."""
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=example.org",
    ]
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    subprocess.run(
        [*make, "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    lines = CONFIGURATION.read_text(encoding="utf-8").splitlines()
    starts = ("# listen 443", "# ssl_", "# add_header Strict")
    lines = [line.replace("# ", "", 1) if line.strip().startswith(starts) else line for line in lines]
    text = "\n".join(lines).replace("/etc/letsencrypt/live/example.org", str(tmp_path))
    text = text.replace("/var/cache/nginx/site", str(tmp_path / "cache"))
    (tmp_path / "site.conf").write_text(text, encoding="utf-8")
    user = "user root; " if os.geteuid() == 0 else ""
    main = f"{user}pid {tmp_path}/pid; events {{ }} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(main, encoding="utf-8")
    words = [
        "nginx",
        "-t",
        "-p",
        str(tmp_path),
        "-c",
        str(tmp_path / "nginx.conf"),
        "-e",
        str(tmp_path / "log"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert text.count("\n    listen 443 ssl") == 1
