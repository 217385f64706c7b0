"""Ctrl-C: the prompt is back within a second, whatever the program is doing.

Python handles Ctrl-C between two of its own steps. A call into a library may take minutes, and what
ends with the program may wait for a server. So a thread watches: where the program has not ended a
moment after Ctrl-C, it is ended from here. Nothing is lost by that: each reply is committed by
itself, and files are written whole or not at all.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from typing import Final

from doxa.outside.ending import do_what_is_due
from doxa.outside.quoting import shown
from doxa.outside.unheard import finishing, let_end

__all__ = ["STOPPED", "stop", "told", "watch"]

STOPPED: Final = 130
"""The exit status after Ctrl-C: 128 and the number of the signal."""

_PATIENCE: Final = 0.4
"""Seconds that the program has for ending by itself."""

_LONGEST: Final = 30.0
"""The same while a run is copied to its place on a network file system."""

told = threading.Event()
"""Set once it was said that Ctrl-C ended the program."""


def watch() -> None:
    """Let Ctrl-C raise once, and end the program a moment later if it does not end by itself."""
    ours, signalled = socket.socketpair()
    signalled.setblocking(False)
    # the signal is written here at once, by C, even while a library computes
    signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_wait, args=(ours, signalled), daemon=True, name="ctrl-c")
    thread.start()
    signal.signal(signal.SIGINT, _raise)
    let_end()


def _raise(*_: object) -> None:
    # a second one would only disturb the end that the first one began
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def stop(message: str) -> None:
    """Say on standard error that Ctrl-C ended the program, and what is kept."""
    told.set()
    sys.stderr.write(f"{shown(message)}\n")
    sys.stderr.flush()


def _wait(ours: socket.socket, _kept_open: socket.socket) -> None:
    while signal.SIGINT not in ours.recv(16):
        pass
    time.sleep(_PATIENCE)
    end = time.monotonic() + _LONGEST
    while finishing.is_set() and time.monotonic() < end:
        time.sleep(_PATIENCE)
    if not told.is_set():
        # not through Python's file object: the program may be writing there and wait
        os.write(2, b"stopped\n")
    do_what_is_due()
    os._exit(STOPPED)
