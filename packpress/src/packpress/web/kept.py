"""Kept answers: what was read of one thing, for the data does not change while it is served."""

from collections.abc import Awaitable, Callable, Hashable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette

# How many answers to one question are kept; the oldest goes first.
MOST_KEPT = 1000

Subject = TypeVar("Subject", bound=Hashable)
Answer = TypeVar("Answer")
Question = Callable[[Datasette, Subject, str], Awaitable[Answer]]


def keep_answers(question: Question[Subject, Answer]) -> Question[Subject, Answer]:
    """The question about a subject and a row of it, whose latest answers are kept."""
    known: WeakKeyDictionary[Datasette, dict[tuple[Subject, str], Answer]] = WeakKeyDictionary()

    @wraps(question)
    async def ask(datasette: Datasette, subject: Subject, row_id: str) -> Answer:
        answers = known.setdefault(datasette, {})
        if (subject, row_id) not in answers:
            answers[subject, row_id] = await question(datasette, subject, row_id)
            if len(answers) > MOST_KEPT:
                del answers[next(iter(answers))]
        return answers[subject, row_id]

    return ask
