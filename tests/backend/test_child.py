from __future__ import annotations

import math
import os
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from doxa.backend.child import Child, CrashError, limit
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def child(*, seconds: float | None = None) -> Iterator[Child]:
    made = Child("dying_child", seconds=seconds)
    try:
        yield made
    finally:
        made.close()


def test_it_answers_question_after_question() -> None:
    values = [1, 0.1 + 0.2, -math.inf, "\N{SNOWMAN}\ud800\n", [None, True], "x" * 1_000_000]
    with child() as made:
        assert list(made.ask(("echo", *values))) == values
        assert list(made.ask(("echo",))) == []
        assert list(made.ask(("echo", 2**70))) == [2**70]


def test_what_it_prints_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    with child() as made:
        assert list(made.ask(("print",))) == []
        assert list(made.ask(("echo", 1))) == [1]
        with pytest.raises(CrashError):
            list(made.ask(("assert",)))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_an_error_of_doxa_is_handed_on() -> None:
    with child() as made:
        with pytest.raises(ModelError, match=r"^no such model$"):
            list(made.ask(("raise", ModelError("no such model"))))
        assert list(made.ask(("echo", 1))) == [1]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (("assert",), "SIGABRT: ggml.c:12: GGML_ASSERT(1 == 2) failed"),
        (("signal", signal.SIGSEGV), "SIGSEGV"),
        (("signal", signal.SIGKILL), "SIGKILL (out of memory?)"),
        (("raise", KeyError("what")), "KeyError: 'what'"),
        (("raise", ValueError("x" * 500)), "ValueError: " + "x" * 188 + "…"),
        (("half",), "exit status 3"),
    ],
)
def test_a_death_is_told_in_one_line(question: tuple[Any, ...], message: str) -> None:
    with child() as made:
        with pytest.raises(CrashError) as caught:
            list(made.ask(question))
        assert str(caught.value) == message
        made.close()


def test_an_answer_that_takes_too_long_ends_it() -> None:
    with child(seconds=1) as made:
        assert list(made.ask(("echo", 1))) == [1]
        start = time.monotonic()
        with pytest.raises(CrashError, match="stopped after 1 s"):
            list(made.ask(("sleep", 60)))
        assert time.monotonic() - start < 10


def test_ctrl_c_in_the_terminal_is_not_for_it() -> None:
    with child() as made:
        assert list(made.ask(("interrupts",))) == [True]


def test_it_finds_the_modules_of_this_process_and_none_of_the_working_folder(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    with child() as made:
        assert list(made.ask(("echo", 1))) == [1]
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "tests" not in entry])
    with child() as made, pytest.raises(CrashError, match="dying_child"):
        list(made.ask(("echo", 1)))


def test_nothing_is_left_open() -> None:
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):  # noqa: PTH112
        pytest.skip("no list of open files here")
    before = len(os.listdir(folder))  # noqa: PTH208
    for _ in range(3):
        with child() as made:
            list(made.ask(("echo", 1)))
    assert len(os.listdir(folder)) == before  # noqa: PTH208


def test_a_limit_is_set_where_the_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    found = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, most: found.update({what: most}))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (5, resource.RLIM_INFINITY))
    limit("RLIMIT_CPU", 2)
    assert found == {resource.RLIMIT_CPU: (2, resource.RLIM_INFINITY)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 1))
    limit("RLIMIT_CPU", 2)
    assert found == {resource.RLIMIT_CPU: (1, 1)}
    monkeypatch.setitem(sys.modules, "resource", None)
    limit("RLIMIT_CPU", 2)
