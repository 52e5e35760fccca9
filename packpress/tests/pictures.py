"""Command: photographs the site that the README makes of a folder of files, for docs/catches.png.

`python -m tests.pictures` needs Playwright and a Chromium, which `CHROMIUM` may name.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.walkthrough import PACKPRESS, wait_for, write_files

FOLDER = Path(__file__).parents[1]
PAGE = "/catches/landings"
SIZE = {"width": 1100, "height": 760}


def make_site(folder: Path) -> Path:
    """The site of the README's folder of files, by its commands."""
    write_files(FOLDER / "README.md", folder)
    for words in (
        ["init", "catches"],
        ["build", "catches", "--output", "site", "--formats", "sqlite,parquet,csv"],
    ):
        subprocess.run([*PACKPRESS, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "site"


def photograph(site: Path, file: Path) -> None:
    """Serves the site and takes the picture of one table."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*PACKPRESS, "serve", str(site), "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        with sync_playwright() as driver:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE)
            page.goto(f"http://127.0.0.1:{port}{PAGE}")
            page.screenshot(path=str(file))
            browser.close()
    finally:
        server.terminate()
        server.communicate()


def main() -> None:
    """Makes the picture anew and prints where it is."""
    file = FOLDER / "docs" / "catches.png"
    with tempfile.TemporaryDirectory() as folder:
        photograph(make_site(Path(folder)), file)
    print(file)


if __name__ == "__main__":
    sys.exit(main())
