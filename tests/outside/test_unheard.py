"""Calls that keep Python from running: Ctrl-C ends a program that it may end, and no other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

from doxa.outside.unheard import unhearing

CALL = """
import re, signal, sys
from doxa.outside.unheard import let_end, unhearing
if sys.argv[1] == "ends":
    let_end()
with unhearing():
    print("calling", flush=True)
    # a search without end in C, which does not let go of the interpreter
    re.match("(a|aa)+$", "a" * int(sys.argv[2]) + "b")
print("heard", flush=True)
"""


def test_the_system_ends_a_program_that_ctrl_c_may_end() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CALL, "ends", "90"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "calling\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == -signal.SIGINT


def test_nothing_changes_in_another_program_or_thread() -> None:
    before = signal.getsignal(signal.SIGINT)
    with unhearing():
        assert signal.getsignal(signal.SIGINT) is before
    done = subprocess.run(
        [sys.executable, "-c", CALL, "", "5"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "calling\nheard\n"
    thread = threading.Thread(target=lambda: unhearing().__enter__())
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before
