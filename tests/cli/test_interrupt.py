"""Ctrl-C in every command: the prompt is back within a second, with status 130, in one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hub_server import hub_server
from odd_replies import KINDS
from scripted_server import Script, completion, scripted

from doxa.cli import interrupt
from doxa.questionnaire import QuestionBank
from doxa.store import Store
from doxa.survey.synthetic import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.alone

LIMIT = 3.0
"""Seconds to the prompt: the promise is one, and the machine of the tests may be busy."""

SMALL = ("--model", "m", "--questions", "Q1,Q57,Q2,Q3", "--examples", "0", "--elicit", "verbalized",
         "--fast")  # fmt: skip


def press(
    when: float | Callable[[int], bool], *arguments: str, ends: tuple[int, ...] = (130,)
) -> str:
    """Start a command, press Ctrl-C as a terminal does, return what it wrote to stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "doxa", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a terminal sends the signal to all processes of the command
        start_new_session=True,
    )
    try:
        start = time.monotonic()
        while process.poll() is None and time.monotonic() < start + 60:
            if when(process.pid) if callable(when) else time.monotonic() > start + when:
                os.killpg(process.pid, signal.SIGINT)
                break
            time.sleep(0.01)
        pressed = time.monotonic()
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert time.monotonic() - pressed < LIMIT
    assert "Traceback" not in said, said
    assert process.returncode in ends, said
    return said


def test_a_download_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"GGUF" + bytes(12_000_000)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    asking = ("ask", "--model", "hf:me/large", "--out", str(tmp_path / "run"))
    with hub_server() as hub:
        hub.add("me/large", {"large.gguf": content})
        hub.stalls_after = 11_000_000
        monkeypatch.setenv("HF_ENDPOINT", hub.address)

        def partials() -> list[Path]:
            return list(tmp_path.rglob("*.incomplete"))

        def most_came(_: int) -> bool:
            return any(file.stat().st_size > 10_000_000 for file in partials())

        said = press(most_came, *asking)
        assert "stop with Ctrl-C, run the same again to go on" in said
        [partial] = partials()
        have = partial.stat().st_size
        hub.goes_on.set()
        press(60.0, *asking, ends=(1,))  # it is no model, when it is there
        assert [one.range for one in hub.downloads()] == ["", f"bytes={have}-"]
    [file] = tmp_path.rglob("large.gguf")
    assert file.read_bytes() == content


def seen(n: int = 1) -> Callable[[int], bool]:
    return lambda _: len(Script.seen) >= n


def loaded(library: str) -> Callable[[int], bool]:
    """Tell whether a process has loaded a library of this name."""
    return lambda pid: library in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "run"
    # nothing half-written is left, in whatever moment a command ended
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("kind", ["silent", "slow", "endless_tiny"])
def test_asking_a_server_that_never_answers(kind: str, out: Path) -> None:
    good = (200, {}, completion('{"1": 40, "2": 30, "3": 20, "4": 10}'))
    with scripted(good, KINDS[kind].make(None, {})) as address:  # type: ignore[arg-type]
        said = press(seen(2), "ask", *SMALL, "--server", address, "--out", str(out))
    assert said.splitlines()[-1].startswith("stopped; every reply so far is kept")
    with Store.read(out / "replies.sqlite") as store:
        assert store.replies()["status"].to_list() == ["ok"]


def test_asking_a_server_that_wants_a_long_wait(out: Path) -> None:
    with scripted((429, {"Retry-After": "1e9"}, {})) as address:
        said = press(seen(), "ask", *SMALL, "--server", address, "--out", str(out))
    assert "is kept" in said


def test_connecting_to_a_server_that_takes_no_connections(out: Path) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        # the second of these waits for room that never comes
        waiting = [socket.socket() for _ in range(2)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        press(2.0, "ask", *SMALL, "--server", address, "--out", str(out))
        for one in waiting:
            one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says what a process has loaded")
@pytest.mark.parametrize("library", ["numpy", "polars"])
def test_while_the_command_is_loaded(library: str) -> None:
    press(loaded(library), "survey", "crosswalk", ends=(0, 130))


COMMANDS = [
    line.split()
    for line in (
        "ask --model MODEL --questions 60 --out OUT/asked",
        "ask --replay RUN --out OUT/again",
        "ask --model MODEL --questions 60 --out OUT/dry --dry-run",
        "bench --model MODEL",
        "check RUN",
        "compare RUN RUN",
        "export RUN --out OUT/replies.csv",
        "prompts export",
        "report RUN --out OUT/report.html --figures OUT/figures --tables OUT/tables",
        "score RUN --resamples 300000",
        "statuses RUN",
        "survey import FILE --out OUT/human",
        "survey info FILE",
        "survey show Q57",
    )
]
MOMENTS = os.environ.get("DOXA_MOMENTS", "1.5").split()
"""Seconds after the start of a command, which also has to load; the more, the more phases."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_command_in_the_middle_of_its_work(
    moment: str, run: Path, tiny: Path, survey_file: Path, out: Path
) -> None:
    places = {"RUN": str(run), "MODEL": str(tiny), "FILE": str(survey_file)}

    def pressed(command: list[str]) -> str:
        named = [places.get(word, word.replace("OUT", str(out))) for word in command]
        # a call that cannot be interrupted leaves the ending to the system
        return press(float(moment), *named, ends=(0, 130, -signal.SIGINT))

    with ThreadPoolExecutor(4) as together:
        assert len(list(together.map(pressed, COMMANDS))) == len(COMMANDS)


@pytest.fixture(scope="module")
def survey_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("survey") / "WVS_Cross-National_Wave_7_csv_v6_0.csv"
    synthetic(20_000, QuestionBank.load().items).write_csv(path)
    return path


def test_a_command_in_the_background_of_a_script_does_not_hear_ctrl_c() -> None:
    # a shell starts such commands with the signal ignored
    code = (
        "import signal, os, runpy, sys, threading\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.argv = ['doxa', '--version']\n"
        "threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "runpy.run_module('doxa', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("doxa ")


def test_the_end_is_told_without_what_steers_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    interrupt.stop("stopped: \x1b[2J")
    assert interrupt.told.is_set()
    assert capsys.readouterr().err == "stopped: \\u001b[2J\n"
