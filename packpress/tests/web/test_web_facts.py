"""A question about the data is answered once, whoever asks and however long it takes."""

import asyncio
from types import SimpleNamespace

from packpress.web.facts import ask_once


class Site(SimpleNamespace):
    """Anything that can be asked about; a plain namespace has no hash."""

    __hash__ = object.__hash__


def test_visitors_who_ask_at_the_same_time_share_an_answer():
    asked = []

    @ask_once
    async def count_rows(site: Site, table: str) -> int:
        asked.append(table)
        await asyncio.sleep(0)
        return len(table)

    async def ask() -> list[int]:
        return await asyncio.gather(*(count_rows(site, table) for table in ("ports", "boats", "ports")))

    site = Site()
    assert asyncio.run(ask()) == [5, 5, 5]
    assert asked == ["ports", "boats"]
    assert count_rows.known(site, "ports") == 5


def test_a_visitor_whose_time_is_up_leaves_the_question_to_the_next():
    asked = []

    @ask_once
    async def count_rows(site: Site) -> int:
        asked.append(site)
        await release.wait()
        return 50

    async def ask() -> int:
        first = asyncio.create_task(count_rows(site))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert first.cancelled()
        release.set()
        return await count_rows(site)

    site, release = Site(), asyncio.Event()
    assert asyncio.run(ask()) == 50
    assert len(asked) == 1


def test_a_question_that_failed_is_asked_again():
    answers = [ValueError("the disk is busy"), 50]

    @ask_once
    async def count_rows(site: Site) -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def ask() -> list[object]:
        return [(await asyncio.gather(count_rows(site), return_exceptions=True))[0] for _ in range(2)]

    site = Site()
    failed, found = asyncio.run(ask())
    assert str(failed) == "the disk is busy"
    assert found == 50
