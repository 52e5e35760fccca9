"""The workbench is killed while it saves: nothing that it confirmed is lost, and no save is half there."""

import http.client
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from urllib.parse import urlencode, urlsplit

import pytest

from invented.copies import messages
from tests.browser.workbench import open_workbench
from tests.curation.commands import EXERCISE, add_source, run_command
from tests.curation.test_curate import Fields

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name != "posix", reason="kills as POSIX systems do")]
# `make test-kills` asks for more.
ROUNDS = int(os.environ.get("KILLS") or 10)
PASSAGE = "/passages/exercise-p003"


class Client:
    """A browser in a few lines, whose connection breaks when the server is killed."""

    def __init__(self, address):
        self.parts = urlsplit(address)
        self.cookie = ""
        _, head, _ = self.ask("GET", f"/?{self.parts.query}")
        self.cookie = head["set-cookie"].partition(";")[0]

    def ask(self, method, path, form=None):
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(form or {}), headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        finally:
            connection.close()


def read_saved(copy):
    """The reason that the passage has, whose row and log of saves must tell the same."""
    (reason,) = (row["reason"] for row in copy.rows("passages") if row["passage_id"] == "exercise-p003")
    return reason


def send_reason(client, form, wanted):
    """The status of a save of a reason; 0 when the connection broke."""
    try:
        return client.ask("POST", f"{PASSAGE}/reason", {**form, "reason": wanted})[0]
    except (OSError, http.client.HTTPException):
        return 0


def check_saved(copy, allowed):
    """The reason on disk, which is one of those, and of which the log of saves tells too."""
    kept = read_saved(copy)
    assert kept in allowed
    log = (copy.root / "dist/curate/exercise/tables.json").read_text(encoding="utf-8")
    assert re.findall(r"Reason number \d+\.", log)[-1] == kept
    return kept


def test_kills_while_saving_lose_nothing(package_copy):
    run_command(add_source, package_copy, EXERCISE, "exercise", package_copy.descriptor)
    random, length, allowed, written = Random(23), 1.0, {""}, set()
    for number in range(ROUNDS + 1):
        wanted = f"Reason number {number}."
        with open_workbench(package_copy.descriptor, "exercise") as (server, address):
            client = Client(address)
            form = Fields(client.ask("GET", PASSAGE)[2], f"{PASSAGE}/reason").values
            # What was confirmed is there when the server starts again; what was not is there whole, or not at all.
            assert form["reason"] in allowed
            with ThreadPoolExecutor(1) as sender:
                start = time.monotonic()
                sent = sender.submit(send_reason, client, form, wanted)
                # The first save is left to end, to know how long one takes.
                if number:
                    time.sleep(random.uniform(0, 1.1 * length))
                    server.send_signal(signal.SIGKILL)
                status = sent.result()
                length = length if number else time.monotonic() - start
        allowed = {wanted} if status == 303 else {form["reason"], wanted}
        if not [*package_copy.root.glob(".replacement")]:
            allowed = {check_saved(package_copy, allowed)}
        written |= allowed & {wanted}
    with open_workbench(package_copy.descriptor, "exercise") as (_, address):
        assert Fields(Client(address).ask("GET", PASSAGE)[2], f"{PASSAGE}/reason").values["reason"] in allowed
    check_saved(package_copy, allowed)
    assert messages(package_copy) == []
    # Some saves came to their end, and some did not, or the kills were at the wrong moments.
    assert ROUNDS < 10 or 1 < len(written) < ROUNDS
