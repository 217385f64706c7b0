from __future__ import annotations

import math
import os
import socket
import string
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from replies_survived import LONGEST, survive
from scripted_server import Script, completion, failing, replying, scripted
from tiny_models import bigram, table, token, turn, words

from doxa.analysis import country_alignment
from doxa.backend import Answer, Engine, Request, load
from doxa.backend.openai_server import OpenAIServer
from doxa.distribution import human_distributions, model_distributions
from doxa.elicit import ElicitationSettings
from doxa.errors import InvalidArgumentError, ModelError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.store import Store
from doxa.survey import sample

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


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_of_the_only_request_ends_the_run(status: int) -> None:
    with scripted(failing(status)) as address:
        with pytest.raises(ModelError, match=r"the server at http://127.0.0.1:.*/v1/ ") as caught:
            answered(address)
        assert len(Script.seen) == 1
    assert "\n" not in str(caught.value)


def test_a_refused_request_is_an_error_reply_and_not_asked_twice() -> None:
    with scripted(failing(400)) as address:
        answer = answered(address)
        assert len(Script.seen) == 4  # as often as there are ways to tell a model not to think
    assert (answer.finish, answer.text) == ("error", "the server refuses the request: no")


def test_tries_come_to_an_end() -> None:
    with scripted(failing(500, "out of\nmemory")) as address:
        assert answered(address, tries=3).text == "the server failed: out of memory, 3 times"
        assert len(Script.seen) == 3


def test_a_slow_server_differs_from_an_absent_one() -> None:
    with scripted((200, {}, completion("2"))) as address:
        Script.delay = 0.5
        answer = answered(address, tries=2, timeout=0.05)
        assert answer.text == "the server did not reply within 0.05 s, 2 times"
    with pytest.raises(ModelError, match="cannot be reached: start it"):
        answered(address)


def test_option_scores_come_from_the_most_likely_first_tokens() -> None:
    top = {"1": 0.5, " 2": 0.2, "2": 0.1, "I": 0.05}
    with scripted((200, {}, completion("1", top))) as address:
        answer = answered(address, OPTIONS)
    assert [math.exp(score) for score in answer.log_probabilities] == pytest.approx([0.5, 0.3])
    assert (answer.text, answer.prompt_tokens, answer.note) == ("1", 9, "")
    assert Script.seen[0]["top_logprobs"] == 20


def test_an_option_outside_the_most_likely_tokens_is_bounded() -> None:
    with scripted((200, {}, completion("1", {"1": 0.5, "I": 0.3}))) as address:
        answer = answered(address, OPTIONS, allow_bounds=True)
        with pytest.raises(ModelError, match=r"list option 2 .* may hold 28\.6%") as caught:
            answered(address, OPTIONS)
    assert answer.log_probabilities == (math.log(0.5), -math.inf)
    assert [math.exp(one) for one in answer.ceilings] == pytest.approx([0.5, 0.2])
    assert answer.unseen == pytest.approx(0.2)
    assert answer.note.endswith("so from 0 to 0.2: 2")
    assert "or take bounds with --allow-bounds" in str(caught.value)


def test_less_than_a_hundredth_may_be_unseen() -> None:
    with scripted((200, {}, completion("1", {"1": 0.8, "I": 0.195}))) as address:
        answer = answered(address, OPTIONS)
    assert [math.exp(one) for one in answer.ceilings] == pytest.approx([0.8, 0.005])


def test_calibration_asks_twice_and_says_which_prompt_was_odd() -> None:
    first = (200, {}, completion("1", {"1": 0.5, "2": 0.5}))
    blank = (200, {}, completion("1", {"1": 0.5, "I": 0.499}))
    asked = Request(turn(), "options", ("1", "2"), baseline=turn(1))
    with scripted(first, blank) as address:
        answer = answered(address, asked)
    assert answer.baseline == (math.log(0.5), -math.inf)
    assert answer.note.startswith("in the prompt without content: not among the most likely")


def test_a_server_without_log_probabilities_is_named() -> None:
    with (
        scripted((200, {}, completion("1"))) as address,
        pytest.raises(ModelError, match="gives no log-probabilities: elicit verbalized"),
    ):
        answered(address, OPTIONS)


def asked_together(address: str, n: int, **options: Any) -> list[Answer]:
    backend = OpenAIServer("m", server=address, pause=0.01, **options)
    got = []
    try:
        for _, answer in backend.ask(
            Request(turn(item), "text", max_tokens=4) for item in range(n)
        ):
            got.append(answer)
    finally:
        backend.close()
    return got


def test_one_odd_reply_costs_none_of_the_others() -> None:
    good = (200, {}, completion("2"))
    page = replying("<html>")
    with scripted(good, good, good, page, good) as address:
        Script.delay = 0.05
        got = asked_together(address, 9, parallel=4)
    assert sorted(answer.finish for answer in got) == ["error"] + ["stop"] * 8
    assert {answer.text for answer in got} == {
        "2",
        "the server sent something else than JSON: <html>",
    }


def test_good_answers_under_way_are_kept_when_the_run_ends() -> None:
    good = (200, {}, completion("2"))
    with scripted(good, good, good, failing(401)) as address:
        Script.delay = 0.1
        backend = OpenAIServer("m", server=address, parallel=4)
        asked = [Request(turn(item), "text", max_tokens=4) for item in range(9)]
        got = []
        with pytest.raises(ModelError, match="refuses the API key"):  # noqa: PT012
            for _, answer in backend.ask(asked):
                got.append(answer.text)
        assert got == ["2", "2", "2"]
        backend.close()


def test_a_server_that_answers_nothing_ends_the_run() -> None:
    with (
        scripted(replying("<html>")) as address,
        pytest.raises(ModelError, match="failed at 16 requests in a row, the last: it sent"),
    ):
        asked_together(address, 40, parallel=1)
    assert len(Script.seen) == 16


@pytest.mark.alone
def test_requests_are_under_way_together() -> None:
    with scripted((200, {}, completion("2"))) as address:
        Script.delay = 0.2
        start = time.perf_counter()
        assert len(asked_together(address, 8, parallel=8)) == 8
        assert time.perf_counter() - start < 1.0


def test_numbers_out_of_range() -> None:
    with pytest.raises(InvalidArgumentError, match="tries 0"):
        OpenAIServer("m", server="http://127.0.0.1:1/v1", tries=0)


@pytest.mark.alone
def test_three_hundred_replies_valid_odd_and_hostile(tmp_path: Path) -> None:
    figures = survive(300, seed=16, folder=tmp_path)
    assert (figures.problems, figures.tracebacks) == ([], 0)
    assert figures.replies >= 300
    assert figures.longest_gap < LONGEST


def small(address: str, **settings: Any) -> Experiment:
    return Experiment(
        ("m",),
        (Condition("en", n_examples=0),),
        ("Q1", "Q2", "Q3"),
        ("verbalized",),
        ElicitationSettings(**settings),
        Engine("openai_server", server=address),
    )


def test_a_run_gets_past_what_fails_and_asks_it_again_only_when_told(tmp_path: Path) -> None:
    good = (200, {}, completion('{"1": 40, "2": 30, "3": 20, "4": 10}'))
    with scripted(good, replying("<html>"), good) as address:
        asked = small(address)
        ask(asked, tmp_path / "run", bank=BANK)
        assert statuses(tmp_path / "run") == ["ok", "error", "ok"]
        ask(asked, tmp_path / "run", bank=BANK)
        assert len(Script.seen) == 3
        Script.replies = [failing(400)]
        ask(asked, tmp_path / "run", bank=BANK, retry_failed=True)
        assert statuses(tmp_path / "run") == ["ok", "error", "ok"]
        Script.replies = [good]
        ask(asked, tmp_path / "run", bank=BANK, retry_failed=True)
        assert statuses(tmp_path / "run") == ["ok", "ok", "ok"]
        # each item once; then what failed with a schema and without one, in all four ways to tell
        # a model not to think; and once more
        assert len(Script.seen) == 3 + 2 * 4 + 1


def test_another_password_asks_nothing_again(tmp_path: Path) -> None:
    with scripted((200, {}, completion('{"1": 40, "2": 30, "3": 20, "4": 10}'))) as address:
        for secret in ("hunter2", "canary"):
            whole = address.replace("//", f"//me:{secret}@") + f"?api_key={secret}"
            ask(small(whole), tmp_path / "run", bank=BANK)
        assert len(Script.seen) == 3
    with Store.open(tmp_path / "run") as store:
        assert "experiment 1" not in store.metadata


def test_bounds_go_from_the_reply_to_the_score(tmp_path: Path) -> None:
    listed = (200, {}, completion("1", {"1": 0.5, "2": 0.2, "I": 0.1}))
    experiment = Experiment(
        ("m",), (Condition("en", n_examples=0),), ("Q1", "Q2"), ("logprobs",), ElicitationSettings()
    )
    with scripted(listed) as address:
        for allowed in (False, True):
            engine = Engine("openai_server", server=address, allow_bounds=allowed)
            asked = replace(experiment, engine=engine)
            if allowed:
                ask(asked, tmp_path / "run", bank=BANK)
            else:
                with pytest.raises(ModelError, match="does not list option 3, 4 among"):
                    ask(asked, tmp_path / "run", bank=BANK)
    with Store.open(tmp_path / "run") as store:
        replies = store.replies()
    row = replies.row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.625, 0.25, 0.0625, 0.0625])
    assert row["lower"] == pytest.approx([5 / 9, 2 / 9, 0, 0])
    assert row["upper"] == pytest.approx([5 / 7, 2 / 7, 0.125, 0.125])
    assert row["server"] == f"{address}/"
    model = model_distributions(replies, BANK)
    human = human_distributions(sample(wave=7), BANK)
    table = country_alignment(model, human, BANK)
    # a third of 0.0893 + 0.125 + 0.0625, by which the cumulative shares can differ
    assert table["bounds"].to_list() == pytest.approx([0.0923] * table.height, abs=1e-4)
    assert all("within bounds: off by" in note for note in table["note"])
    exact = country_alignment(model.drop("lower", "upper"), human, BANK)
    assert exact["bounds"].to_list() == [0.0] * exact.height
    assert exact["estimate"].to_list() == table["estimate"].to_list()


def statuses(path: Path) -> list[str]:
    with Store.open(path) as store:
        return store.replies()["status"].to_list()


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


def test_a_real_chat_end_point_gives_the_scores_of_the_model_in_process_within_bounds(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "right")
    # labels that are likely enough at the beginning of a reply, and others
    first = table("bytes")[words("bytes").texts.index("Ċ")]
    alike = string.ascii_letters + string.digits
    labels = tuple(sorted(alike, key=lambda label: -first[token("bytes", label)])[:8])
    asked = Request(turn(reply_start=""), "options", labels)
    remote = load(
        "tiny", backend="openai_server", server=server, api_key_env="MY_KEY", allow_bounds=True
    )
    [(_, answer)] = remote.ask([asked])
    remote.close()
    local = load(bigram("bytes"))
    [(_, expected)] = local.ask([asked])
    local.close()
    listed = [score > -math.inf for score in answer.log_probabilities]
    assert 2 <= sum(listed) < len(labels)
    for exact, low, high, seen in zip(
        expected.log_probabilities, answer.log_probabilities, answer.ceilings, listed, strict=True
    ):
        assert low - 1e-3 <= exact <= high + 1e-3
        assert not seen or low == pytest.approx(exact, abs=1e-3)
    hidden = [
        math.exp(score)
        for score, seen in zip(expected.log_probabilities, listed, strict=True)
        if not seen
    ]
    assert sum(hidden) <= answer.unseen + 1e-3
    assert answer.prompt_tokens == expected.prompt_tokens


def test_a_real_server_refuses_a_wrong_key(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "wrong")
    with pytest.raises(ModelError, match="refuses the API key: correct MY_KEY"):
        answered(server, api_key_env="MY_KEY")


def test_a_key_that_the_environment_lacks_is_named() -> None:
    with pytest.raises(ModelError, match="the environment has no NO_SUCH_KEY"):
        OpenAIServer("m", server="http://h/v1", api_key_env="NO_SUCH_KEY")


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
