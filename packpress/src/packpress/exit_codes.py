"""What every command shares: the exit codes, and one line instead of a traceback."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from packpress.problems import CannotRunError, InvalidPackageError

VALID, PROBLEMS, CANNOT_RUN = 0, 1, 2

P = ParamSpec("P")


def exit_plainly(command: Callable[P, int | None]) -> Callable[P, None]:
    """The command, ending with its exit code; what it cannot do is said in one line on standard error.

    0 when it returns nothing, 1 with every problem printed for an invalid package, 2 when it cannot run.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or VALID
            sys.stdout.flush()
        except InvalidPackageError as error:
            for problem in error.problems:
                print(problem, file=sys.stderr)
            print(error, file=sys.stderr)
            code = PROBLEMS
        except CannotRunError as error:
            print(error, file=sys.stderr)
            code = CANNOT_RUN
        except BrokenPipeError:
            # The reader, such as head, has seen enough; say nothing more to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = CANNOT_RUN
        except OSError as error:
            print(
                f"{error.filename or 'this machine'}: {error.strerror}; mend that and try again",
                file=sys.stderr,
            )
            code = CANNOT_RUN
        sys.exit(code)

    return run
