"""The workbench in a browser: started as a person would, and driven with clicks, keys and typed fields that are counted."""

import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT


@contextmanager
def open_workbench(descriptor: Path, source_id: str, *options: str):
    """The process of the command, with the address that it printed."""
    line = [sys.executable, "-m", "scripts.curate", source_id, str(descriptor), "--port", "0", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        first = server.stdout.readline()
        found = re.search(r"http://\S+", first)
        assert found, first + server.stderr.read()
        yield server, found[0]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()


class Curator:
    """A person at a browser, who counts what it takes."""

    def __init__(self, page, address):
        self.page = page
        # Machines may be busy.
        self.page.set_default_timeout(90_000)
        self.home = address.partition("/?")[0]
        self.counts = Counter()
        self.page.goto(address)

    @property
    def total(self):
        return sum(self.counts.values())

    def click(self, place):
        self.counts["clicks"] += 1
        self.page.locator(place).click()

    def press(self, place, key):
        self.counts["keys"] += 1
        self.page.locator(place).press(key)

    def set(self, name, value):
        """Types into a field, or chooses, unless that is in it; a fold is opened first."""
        field = self.page.locator(f'[name="{name}"]')
        if field.input_value() == value:
            return
        self.unfold(field)
        if field.evaluate("field => field.tagName") == "SELECT":
            self.counts["chosen"] += 1
            field.select_option(value)
        else:
            self.counts["typed"] += 1
            field.fill(value)

    def tick(self, name, wanted=True):
        box = self.page.locator(f'[name="{name}"]')
        if box.is_checked() != wanted:
            self.unfold(box)
            self.counts["clicks"] += 1
            box.set_checked(wanted)

    def unfold(self, field):
        fold = field.locator("xpath=ancestor::details[1]")
        if fold.count() and not fold.evaluate("fold => fold.open"):
            self.counts["clicks"] += 1
            fold.locator("> summary").click()

    def await_check(self):
        """Waits until the server has judged what is in the form."""
        self.page.locator("#statement").dispatch_event("input")
        self.page.wait_for_selector("form[data-state=checked]", state="attached")

    def wrongs(self):
        return [
            text
            for text in self.page.locator(".wrong:not(:empty), .message[role=alert]").all_inner_texts()
            if text
        ]
