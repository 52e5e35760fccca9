"""This system made to look like Windows, as far as what packpress could import or call goes."""

import errno
import fcntl
import importlib.util
import os
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from packpress import file_lock

OF_POSIX = ("fcntl", "grp", "pwd", "resource", "termios", "pty", "tty", "syslog")
# These look at the system while they are imported, and are not the ones in question.
OF_OTHERS = (
    "asyncio",
    "click",
    "datasette.app",
    "frictionless",
    "importlib.resources",
    "multiprocessing",
    "openpyxl",
    "pyarrow.parquet",
    "rich.console",
    "uvicorn",
    "xlsxwriter",
)
# https://docs.python.org/3/library/signal.html: Windows has seven signals, and no timer.
SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIGBREAK"}
FUNCTIONS = ("fork", "forkpty", "geteuid", "getuid", "chown", "mkfifo", "setsid", "killpg", "sysconf")


def make_msvcrt() -> ModuleType:
    """The lock of Windows, which says of a byte that is taken that permission is denied."""
    module = ModuleType("msvcrt")
    module.LK_NBLCK, module.LK_UNLCK = 2, 0

    def locking(handle, mode, size):
        assert size == 1 and os.lseek(handle, 0, os.SEEK_CUR) == 0
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB if mode else fcntl.LOCK_UN)
        except BlockingIOError:
            raise PermissionError(errno.EACCES, "Permission denied") from None

    module.locking = locking
    return module


@contextmanager
def windows():
    """The platform that modules see while they are imported."""
    platform, known = sys.platform, sys.modules.get("msvcrt")
    sys.platform, sys.modules["msvcrt"] = "win32", make_msvcrt()
    try:
        yield
    finally:
        sys.platform = platform
        sys.modules.pop("msvcrt") if known is None else sys.modules.update(msvcrt=known)


def load_lock_of_windows() -> ModuleType:
    """The module of locks as Windows has it, beside the one of this system."""
    spec = importlib.util.spec_from_file_location("file_lock_of_windows", file_lock.__file__)
    module = importlib.util.module_from_spec(spec)
    with windows():
        spec.loader.exec_module(module)
    return module


def take_posix_away() -> None:
    """Takes from this process, for good, what Windows lacks."""
    for name in OF_OTHERS:
        import_module(name)
    for name in [name for name in sys.modules if name.split(".")[0] == "packpress"]:
        del sys.modules[name]
    sys.modules.update(dict.fromkeys(OF_POSIX))
    for name in dir(signal):
        if name.startswith(("SIG", "ITIMER_")) and name not in SIGNALS | {"SIG_DFL", "SIG_IGN"}:
            delattr(signal, name)
    for name in ("setitimer", "getitimer", "alarm", "pthread_kill", "pthread_sigmask"):
        delattr(signal, name)
    for name in FUNCTIONS:
        delattr(os, name)
    del errno.EDQUOT

    def kill(process, number):
        raise AssertionError("os.kill ends a process on Windows, whatever the signal")

    os.kill = kill
    with windows():
        import_module("packpress.file_lock")
