"""Processes that die, as if killed, at a chosen step of what they do to files."""

import os
import shutil
from pathlib import Path

# Whatever changes a name or removes one.
STEPS = (
    (Path, "rename"),
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (shutil, "rmtree"),
    (os, "unlink"),
    (os, "rmdir"),
)


def run_and_die(action, step, monkeypatch) -> bool:
    """Runs the action in a process that dies at its nth change of a name; whether it came to its end."""
    child = os.fork()
    if child == 0:
        steps = iter(range(step))

        def dying(change):
            def die_or_go_on(*args, **kwargs):
                if next(steps, None) is None:
                    os._exit(1)
                return change(*args, **kwargs)

            return die_or_go_on

        for owner, name in STEPS:
            monkeypatch.setattr(owner, name, dying(getattr(owner, name)))
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
