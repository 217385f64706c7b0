from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import pytest
from thinking_templates import FAMILIES
from tiny_models import (
    aborting_model,
    bigram,
    kind_model,
    random_model,
    requests,
    turn,
)

from doxa.backend import Request, Thought, llama_cpp, load
from doxa.backend.llama_cpp import LlamaCpp
from doxa.backend.loaded import LoadedModel
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from doxa.backend import Answer


def one(backend: LlamaCpp, request: Request) -> Answer:
    [(_, answer)] = backend.ask([request])
    return answer


def bits(answer: Answer) -> tuple[str, tuple[float, ...]]:
    return answer.text, answer.log_probabilities


@pytest.mark.parametrize("chat", [True, False])
@pytest.mark.parametrize("parallel", [1, 4])
def test_the_answers_are_those_of_the_loaded_model_to_the_bit(chat: bool, parallel: int) -> None:
    """Ask in this process what the other one was asked."""
    everything = requests(range(6))
    everything.append(Request(turn(), "options", ("1", "2"), baseline=turn(5)))
    with LlamaCpp(random_model(chat=chat), parallel=parallel, threads=1) as backend:
        workload = backend.prepare(everything)
        found = dict(backend.ask(everything))
        spelled = {request: backend._spelled(request) for request in everything}
    model = LoadedModel(
        random_model(chat=chat),
        name="random",
        threads=1,
        gpu_layers=0,
        parallel=parallel,
        context_length=None,
    )
    with model:
        assert model.prepare(list(spelled.values())) == workload
        items = [everything[start : start + 3] for start in range(0, len(everything), 3)]
        for start in range(0, len(items), parallel):
            for together in zip_longest(*items[start : start + parallel]):
                asked = [request for request in together if request]
                answers = model.answer([spelled[request] for request in asked])
                for request, answer in zip(asked, answers, strict=True):
                    assert replace(answer, seconds=0) == replace(found[request], seconds=0)


def test_prepare_counts_shared_tokens_once() -> None:
    everything = requests(range(3))
    with LlamaCpp(random_model()) as backend:
        workload = backend.prepare(everything)
        assert workload.requests == 9
        assert workload.evaluated_tokens < workload.prompt_tokens / 2
        assert workload.longest_prompt < 1000


def test_a_prompt_beyond_the_models_limit_is_named() -> None:
    with (
        LlamaCpp(random_model(context=64)) as backend,
        pytest.raises(ModelError, match=r"prompt of \d+ tokens .* exceeds the 64 tokens"),
    ):
        backend.prepare(requests([0]))


def test_files_that_are_not_models(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("hello")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(random_model().read_bytes()[:100_000])
    head = tmp_path / "head.gguf"
    head.write_bytes(b"GGUF" + bytes(range(40)))
    with pytest.raises(ModelError, match="is not a GGUF file"):
        LlamaCpp(text)
    with pytest.raises(ModelError, match=r"absent\.gguf cannot be read: no such file"):
        LlamaCpp(tmp_path / "absent.gguf")
    for file in (cut, head):
        with pytest.raises(ModelError, match="cannot be loaded") as caught:
            LlamaCpp(file)
        assert "\n" not in str(caught.value)
        assert "no reason" not in str(caught.value)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with LlamaCpp(random_model()) as backend:
        list(backend.ask(requests([1])))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


@pytest.mark.parametrize(("kind", "memory"), [("gemma3", "window"), ("mamba", "state")])
def test_the_card_says_what_the_model_remembers(kind: str, memory: str) -> None:
    """Only where it isn't everything, so that other models keep their keys."""
    with LlamaCpp(kind_model(kind)) as backend:
        assert backend.card.layout["memory"] == memory
    with LlamaCpp(random_model()) as backend:
        assert "memory" not in backend.card.layout


def test_load_by_name() -> None:
    backend = load(bigram(), name="tiny")
    assert backend.card.model == "tiny"
    assert backend.card.backend == "llama_cpp"
    assert set(backend.card.versions) >= {"llama_cpp_python"}
    backend.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parallel": 0}, "parallel is 0: give a whole number from 1 to 85"),
        ({"parallel": 86}, "parallel is 86"),
        ({"threads": 100_000}, "threads is 100000: give a whole number from 1 to 512"),
        ({"context_length": 5000}, "was trained for 1 to 4096 tokens"),
    ],
)
def test_numbers_out_of_range(options: dict[str, int], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        LlamaCpp(bigram(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("parallel", [1, 2])
@pytest.mark.parametrize("norm", [math.nan, math.inf])
def test_scores_that_are_no_numbers_are_errors(norm: float, parallel: int) -> None:
    """Such scores gave shares that were kept, and tokens that do not exist."""
    everything = requests(range(2))
    everything.append(Request(turn(), "options", ("1", "2"), baseline=turn(5)))
    with LlamaCpp(random_model(norm=norm), parallel=parallel) as backend:
        for _, answer in backend.ask(everything):
            assert answer.finish == "error"
            assert "not finite numbers" in answer.text
            assert answer.log_probabilities == ()


def test_a_file_on_which_llama_cpp_aborts_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match=r"aborting\.gguf cannot be loaded: llama\.cpp crashed"):
        LlamaCpp(aborting_model())
    with pytest.raises(ModelError, match=r"\(SIGABRT: llama-vocab\.cpp:\d+: GGML_ASSERT") as caught:
        LlamaCpp(aborting_model())
    assert "\n" not in str(caught.value)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_a_template_that_fails_is_told_with_the_file_that_holds_it() -> None:
    with pytest.raises(ModelError, match=r"random-.*\.gguf: the model's chat template cannot be"):
        LlamaCpp(random_model(chat="{{ 1 / 0 }}"))


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process that holds a model die of some prompts, as `crashing_worker` says."""
    monkeypatch.setattr(llama_cpp, "_WORKER", "crashing_worker")


def with_crashes(*marked: tuple[int, str]) -> list[Request]:
    """Return requests about six items, some with a mark that the worker dies of."""
    everything = requests(range(6))
    for position, mark in marked:
        request = everything[position]
        asked = replace(request.turn, ask=f"{request.turn.ask} {mark}")
        everything[position] = replace(request, turn=asked)
    return everything


@pytest.mark.usefixtures("crashing")
@pytest.mark.parametrize("parallel", [1, 4])
def test_a_crash_is_the_error_of_one_reply(
    parallel: int, capfd: pytest.CaptureFixture[str]
) -> None:
    everything = with_crashes((4, "ABORT"), (11, "KILL"))
    with LlamaCpp(random_model(), parallel=parallel) as backend:
        backend.prepare(everything)
        found = dict(backend.ask(everything))
    assert set(found) == set(everything)
    failed = {request: answer for request, answer in found.items() if answer.finish == "error"}
    assert [answer.text for answer in failed.values()] == [
        "llama.cpp crashed twice (SIGABRT)",
        "llama.cpp crashed twice (SIGKILL (out of memory?))",
    ]
    assert set(failed) == {everything[4], everything[11]}
    if parallel == 1:
        with LlamaCpp(random_model()) as backend:
            for request in set(everything) - set(failed):
                assert bits(one(backend, request)) == bits(found[request])
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


@pytest.mark.usefixtures("crashing")
def test_a_single_request_that_crashes_is_tried_twice(tmp_path: Path) -> None:
    once = with_crashes((0, f"ONCE {tmp_path / 'done'} "))[0]
    with LlamaCpp(random_model()) as backend:
        assert one(backend, once).finish == "stop"


@pytest.mark.usefixtures("crashing")
def test_crashes_on_item_after_item_end_the_run_in_one_line() -> None:
    everything = with_crashes((0, "ABORT"), (3, "ABORT"), (6, "ABORT"))[:9:3]
    with LlamaCpp(random_model()) as backend:
        answers = backend.ask(everything)
        before = [next(answers)[1].finish for _ in range(2)]
        with pytest.raises(ModelError, match="crashed on 3 items in a row") as caught:
            next(answers)
    assert before == ["error"] * 2
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("crashing")
def test_a_crash_while_getting_ready_names_the_file() -> None:
    with (
        LlamaCpp(random_model()) as backend,
        pytest.raises(ModelError, match=r"random-.* crashed while it made room for the prompts"),
    ):
        backend.prepare(with_crashes((3, "UNREADY")))


@pytest.mark.usefixtures("crashing")
def test_a_file_that_was_replaced_is_not_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(random_model().read_bytes())
    with LlamaCpp(file) as backend:
        file.write_bytes(random_model("pieces").read_bytes())
        with pytest.raises(ModelError, match="has changed since it was loaded"):
            list(backend.ask(with_crashes((0, "ABORT"))))


def test_answers_that_nobody_waited_for_are_not_taken_for_others() -> None:
    everything = requests(range(3))
    with LlamaCpp(random_model()) as backend:
        expected = dict(backend.ask(everything))
        answers = backend.ask(everything)
        next(answers)
        answers.close()
        for request in everything[3:6]:
            assert bits(one(backend, request)) == bits(expected[request])


def model_process(parent: int) -> Path:
    """Wait for the process that holds a process's model; it has begun to run its own program."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for found in (Path("/proc", number) for number in children.read_text().split()):
            if "doxa.backend.worker" in (found / "cmdline").read_text():
                return found
        time.sleep(0.01)
    raise TimeoutError(f"{parent} starts no process for a model")


@pytest.mark.alone
@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes through /proc")
@pytest.mark.parametrize("stopped", [True, False])
def test_ctrl_c_ends_loading_and_asking_at_once(stopped: bool) -> None:
    """Interrupt a process whose model does not answer, and one whose model is asked."""
    script = (
        "import sys; from tiny_models import random_model, requests; "
        "from doxa.backend.llama_cpp import LlamaCpp; print('begun', flush=True)\n"
        "with LlamaCpp(random_model()) as backend:\n"
        "    while True: list(backend.ask(requests(range(9))))"
    )
    command = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            child = model_process(process.pid)
            if stopped:
                os.kill(int(child.name), signal.SIGSTOP)
            time.sleep(0.5)
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=10)
            assert time.monotonic() - start < 2
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert not child.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes through /proc")
def test_a_model_s_process_does_not_outlive_one_that_is_killed() -> None:
    script = (
        "from tiny_models import random_model; from doxa.backend.llama_cpp import LlamaCpp; "
        "backend = LlamaCpp(random_model()); print(backend._child._process.pid, flush=True); "
        "import time; time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        child = Path(f"/proc/{int(process.stdout.readline())}")
        assert child.exists()
        process.kill()
    end = time.monotonic() + 10
    while child.exists() and "zombie" not in (child / "status").read_text():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_thought_whose_process_dies_is_written_again_as_it_was() -> None:
    model = random_model("thinks", chat=FAMILIES["qwen3"].source)
    asked = Request(turn(), "options", ("1", "2"), thought=Thought(400, 1.0, seed=7))
    with LlamaCpp(model) as backend:
        [(_, whole)] = backend.ask([asked])
        assert backend._child is not None
        killed = Timer(whole.seconds / 2, backend._child._process.kill)
        killed.start()
        [(_, again)] = backend.ask([asked])
        killed.join()
    assert (again.thought, again.thought_status) == (whole.thought, whole.thought_status)
    assert again.log_probabilities == whole.log_probabilities
    assert whole.thought_tokens
