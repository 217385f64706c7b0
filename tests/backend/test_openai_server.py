from __future__ import annotations

import math
import os
import socket
import string
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import Script, completion, failing, scripted
from tiny_models import bigram, table, token, turn, words

from doxa.backend import Engine, Request, load
from doxa.backend.openai_server import OpenAIServer
from doxa.elicit import ElicitationSettings
from doxa.errors import InvalidArgumentError, ModelError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BANK = QuestionBank.load()
TEXT = Request(turn(), "text", max_tokens=4)
OPTIONS = Request(turn(), "options", ("1", "2"))


def answered(server: str, request: Request = TEXT, **options: Any) -> Any:
    backend = OpenAIServer("m", server=server, pause=0.01, **options)
    try:
        [(_, answer)] = backend.ask([request])
    finally:
        backend.close()
    return answer


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_temporary_error_is_tried_again(status: int) -> None:
    with scripted(failing(status), failing(status), (200, {}, completion("2"))) as address:
        assert answered(address).text == "2"
        assert len(Script.seen) == 3


def test_the_wait_that_a_server_asks_for_is_kept() -> None:
    patient = (429, {"Retry-After": "0.3"}, {"error": {"message": "slow down"}})
    with scripted(patient, (200, {}, completion("2"))) as address:
        start = time.perf_counter()
        assert answered(address).text == "2"
        assert time.perf_counter() - start >= 0.3


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "refuses the request: no"),
        (401, "refuses the API key: correct OPENAI_API_KEY"),
        (403, "refuses the API key"),
        (404, "has no model 'm'"),
    ],
)
def test_a_permanent_error_is_not_tried_again(status: int, message: str) -> None:
    with scripted(failing(status)) as address:
        with pytest.raises(ModelError, match=message) as caught:
            answered(address)
        assert len(Script.seen) == 1
    assert "\n" not in str(caught.value)


def test_tries_come_to_an_end() -> None:
    with scripted(failing(500, "out of\nmemory")) as address:
        with pytest.raises(ModelError, match="failed 3 times: out of memory"):
            answered(address, tries=3)
        assert len(Script.seen) == 3


def test_a_slow_server_differs_from_an_absent_one() -> None:
    with scripted((200, {}, completion("2"))) as address:
        Script.delay = 0.5
        with pytest.raises(ModelError, match="did not reply in time, 2 times"):
            answered(address, tries=2, timeout=0.05)
    with pytest.raises(ModelError, match="cannot be reached: start it"):
        answered(address)


def test_option_scores_come_from_the_most_likely_first_tokens() -> None:
    top = {"1": 0.5, " 2": 0.2, "2": 0.1, "I": 0.05}
    with scripted((200, {}, completion("1", top))) as address:
        answer = answered(address, OPTIONS)
    assert [math.exp(score) for score in answer.log_probabilities] == pytest.approx([0.5, 0.3])
    assert (answer.text, answer.prompt_tokens) == ("1", 9)
    assert Script.seen[0]["top_logprobs"] == 20


def test_an_option_outside_the_most_likely_tokens_has_probability_0() -> None:
    with scripted((200, {}, completion("1", {"1": 0.5, "I": 0.5}))) as address:
        answer = answered(address, OPTIONS)
    assert answer.log_probabilities == (math.log(0.5), -math.inf)


@pytest.mark.parametrize(
    ("labels", "top", "problem"),
    [
        (("1", "10"), {"1": 0.5, "I": 0.5}, "option 10 cannot be told from 1"),
        (("1", "2"), {"I": 0.5}, "no option is among the 20 most likely"),
    ],
)
def test_unreadable_scores_are_errors(
    labels: tuple[str, ...], top: dict[str, float], problem: str
) -> None:
    with scripted((200, {}, completion("1", top))) as address:
        answer = answered(address, Request(turn(), "options", labels))
    assert answer.finish == "error"
    assert answer.text.startswith(problem)


def test_a_server_without_log_probabilities_is_named() -> None:
    with (
        scripted((200, {}, completion("1"))) as address,
        pytest.raises(ModelError, match="gives no log-probabilities: elicit verbalized"),
    ):
        answered(address, OPTIONS)


def test_answers_under_way_are_not_lost_when_one_request_fails() -> None:
    good = (200, {}, completion("2"))
    with scripted(good, good, good, failing(400)) as address:
        Script.delay = 0.1
        backend = OpenAIServer("m", server=address, parallel=4)
        asked = [Request(turn(item), "text", max_tokens=4) for item in range(9)]
        got = []
        with pytest.raises(ModelError, match="refuses the request"):  # noqa: PT012
            for _, answer in backend.ask(asked):
                got.append(answer.text)
        assert got == ["2", "2", "2"]
        backend.close()


def test_requests_are_under_way_together() -> None:
    with scripted((200, {}, completion("2"))) as address:
        Script.delay = 0.2
        backend = OpenAIServer("m", server=address, parallel=8)
        asked = [Request(turn(item), "text", max_tokens=4) for item in range(8)]
        start = time.perf_counter()
        assert {request for request, _ in backend.ask(asked)} == set(asked)
        assert time.perf_counter() - start < 1.0
        backend.close()


def test_numbers_out_of_range() -> None:
    with pytest.raises(InvalidArgumentError, match="tries 0"):
        OpenAIServer("m", server="http://127.0.0.1:1/v1", tries=0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run llama.cpp's own Python server on a tiny model, behind an API key."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--model", os.fspath(bigram("bytes")), "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "llama_cpp.server", *options, "--n_ctx", "2048"]
    with subprocess.Popen(
        [*command, "--api_key", "right"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(300):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/docs", timeout=1).close()
                break
            except OSError:
                continue
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()


def test_a_real_server_gives_the_same_scores_as_the_model_in_process(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "right")
    # labels that are likely enough at the beginning of a reply
    first = table("bytes")[words("bytes").texts.index("Ċ")]
    alike = string.ascii_letters + string.digits
    labels = tuple(sorted(alike, key=lambda label: -first[token("bytes", label)])[:4])
    asked = Request(turn(reply_start=""), "options", labels)
    remote = load("tiny", backend="openai_server", server=server, api_key_env="MY_KEY")
    [(_, answer)] = remote.ask([asked])
    remote.close()
    local = load(bigram("bytes"))
    [(_, expected)] = local.ask([asked])
    local.close()
    found = [score for score in answer.log_probabilities if score > -math.inf]
    # the least likely of the labels may not be among the 20 most likely tokens
    assert len(found) >= 2
    assert found == pytest.approx(expected.log_probabilities[: len(found)], abs=1e-3)
    assert answer.prompt_tokens == expected.prompt_tokens


def test_a_real_server_refuses_a_wrong_key(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "wrong")
    with pytest.raises(ModelError, match="refuses the API key: correct MY_KEY"):
        answered(server, api_key_env="MY_KEY")


def test_a_key_that_the_environment_lacks_is_named() -> None:
    with pytest.raises(ModelError, match="the environment has no NO_SUCH_KEY"):
        OpenAIServer("m", api_key_env="NO_SUCH_KEY")


def test_a_run_on_a_real_server(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "right")
    experiment = Experiment(
        ("tiny",),
        (Condition("en", n_examples=0),),
        ("Q1", "Q57"),
        ("verbalized", "sampling"),
        ElicitationSettings(verbalized="free", max_tokens=8, draws=2),
        Engine("openai_server", parallel=2, server=server),
    )
    ask(experiment, tmp_path / "run", bank=BANK)
    with Store.open(tmp_path / "run") as store:
        replies = store.replies()
        assert replies.height == 6
        assert replies["backend"].unique().to_list() == ["openai_server"]
        assert "right" not in store.metadata["experiment"]
    ask(experiment, tmp_path / "run", bank=BANK)
