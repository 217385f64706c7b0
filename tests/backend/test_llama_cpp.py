from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import llama_cpp
import numpy as np
import pytest
from tiny_models import bigram, log_probability, random_model, requests, table, token, turn

from doxa.backend import Request, load
from doxa.backend.llama_cpp import LlamaCpp
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.backend import Answer

DIGITS = "0123456789"


def one(backend: LlamaCpp, request: Request) -> Answer:
    [(_, answer)] = backend.ask([request])
    return answer


def bits(answer: Answer) -> tuple[str, tuple[float, ...]]:
    return answer.text, answer.log_probabilities


@pytest.mark.parametrize(("kind", "chat"), [("bytes", True), ("bytes", False), ("pieces", False)])
def test_option_log_probabilities_are_exact(kind: str, chat: bool) -> None:
    labels = tuple(str(label) for label in range(1, 11))
    with LlamaCpp(bigram(kind, chat=chat)) as backend:
        answer = one(backend, Request(turn(), "options", labels))
    begins = [log_probability(kind, " ", list(label)) for label in labels]
    expected = list(np.exp(begins))
    expected[0] -= expected[9]
    assert np.exp(answer.log_probabilities) == pytest.approx(expected, rel=2e-3)
    assert answer.text == labels[int(np.argmax(expected))]


def test_a_label_that_merges_with_the_space_before_it() -> None:
    labels = ("1", "2", "10")
    with LlamaCpp(bigram("merged")) as backend:
        spaced = one(backend, Request(turn(reply_start="Answer: "), "options", labels))
        tight = one(backend, Request(turn(reply_start="Answer:"), "options", (" 1", " 2", " 10")))
    one_ten = log_probability("merged", ":", [" 1", "0"])
    expected = [
        math.exp(log_probability("merged", ":", [" 1"])) - math.exp(one_ten),
        math.exp(log_probability("merged", ":", [" ", "2"])),
        math.exp(one_ten),
    ]
    assert np.exp(spaced.log_probabilities) == pytest.approx(expected, rel=2e-3)
    assert spaced.log_probabilities == tight.log_probabilities


def constrained_twin(last: str, labels: tuple[str, ...]) -> dict[str, int]:
    """Choose shares character by character from the table, by the definition."""
    left, shares = 100, {}
    for label in labels[:-1]:
        spelled = {f"{number}," for number in range(left + 1)}
        written, before = "", last
        while len(candidates := [s for s in spelled if s.startswith(written)]) > 1:
            allowed = {s[len(written)] for s in candidates}
            row = table("bytes")[token("bytes", before)]
            before = max(allowed, key=lambda character: row[token("bytes", character)])
            written += before
        shares[label] = int(candidates[0][:-1])
        left -= shares[label]
    return {**shares, labels[-1]: left}


@pytest.mark.parametrize("n", [2, 3, 4, 7, 10])
def test_constrained_shares_are_the_greedy_choice(n: int) -> None:
    labels = tuple(str(label) for label in range(1, n + 1))
    with LlamaCpp(bigram()) as backend:
        answer = one(backend, Request(turn(reply_start="{"), "shares", labels))
    assert json.loads(answer.text) == constrained_twin(" ", labels)


@pytest.mark.parametrize("kind", ["bytes", "merged", "pieces"])
def test_shares_are_always_a_valid_object(kind: str) -> None:
    with LlamaCpp(random_model(kind)) as backend:
        for request, answer in backend.ask(requests(range(4), labels=5)):
            if request.kind == "shares":
                shares = json.loads(answer.text)
                assert tuple(shares) == request.choices
                assert sum(shares.values()) == 100


def test_greedy_text_follows_the_table() -> None:
    with LlamaCpp(bigram()) as backend:
        answer = one(backend, Request(turn(), "text", max_tokens=5))
    last, expected = token("bytes", " "), []
    for _ in range(5):
        last = int(table("bytes")[last].argmax())
        expected.append(last)
    assert answer.completion_tokens == 5
    assert answer.finish == "length"
    with LlamaCpp(bigram()) as backend:
        assert backend._vocabulary.spell(tuple(expected)).decode("utf-8", "replace") == answer.text


def test_draws_follow_the_table() -> None:
    draws = [
        Request(turn(), "text", max_tokens=1, temperature=0.7, seed=seed) for seed in range(3000)
    ]
    with LlamaCpp(bigram()) as backend:
        texts = [answer.text for _, answer in backend.ask(draws)]
    logits = table("bytes")[token("bytes", " ")].astype(np.float64) / 0.7
    shares = np.exp(logits - np.logaddexp.reduce(logits))
    counts = np.array([texts.count(digit) for digit in DIGITS])
    expected = np.array([shares[token("bytes", digit)] for digit in DIGITS]) * len(draws)
    rest = len(draws) - counts.sum()
    expected_rest = len(draws) - expected.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    statistic += (rest - expected_rest) ** 2 / expected_rest
    # the 99.9 % point of chi-square with 10 degrees of freedom
    assert statistic < 29.6


@pytest.mark.parametrize("kind", ["bytes", "pieces"])
def test_same_bits_in_a_full_run_a_resumed_one_and_alone(kind: str) -> None:
    everything = requests(range(6))
    with LlamaCpp(random_model(kind)) as backend:
        backend.prepare(everything)
        full = {request: bits(answer) for request, answer in backend.ask(everything)}
    with LlamaCpp(random_model(kind), threads=1) as backend:
        resumed = {request: bits(answer) for request, answer in backend.ask(everything[7:])}
        backwards = {request: bits(answer) for request, answer in backend.ask(everything[::-1])}
    assert resumed == {request: full[request] for request in everything[7:]}
    assert backwards == full
    for request in everything[4:6]:
        with LlamaCpp(random_model(kind)) as backend:
            assert bits(one(backend, request)) == full[request]


def test_side_by_side_gives_nearly_the_same() -> None:
    everything = requests(range(5))
    with LlamaCpp(random_model()) as backend:
        alone = dict(backend.ask(everything))
    with LlamaCpp(random_model(), parallel=4) as backend:
        together = dict(backend.ask(everything))
        assert backend.card.layout["parallel"] == 4
    for request, answer in together.items():
        expected = alone[request].log_probabilities
        assert answer.log_probabilities == pytest.approx(expected, abs=1e-3)


def test_elicitations_share_an_items_evaluation_side_by_side_too() -> None:
    everything = requests(range(4))
    with LlamaCpp(random_model(), parallel=4) as backend:
        backend.prepare(everything)
        evaluated = 0
        decode = backend._decoder._evaluate  # type: ignore[union-attr]

        def counting(pieces: list[tuple[object, int, tuple[int, ...]]]) -> None:
            nonlocal evaluated
            evaluated += sum(len(tokens) for _, _, tokens in pieces)
            decode(pieces)  # type: ignore[arg-type]

        backend._decoder._evaluate = counting  # type: ignore[union-attr, method-assign, assignment]
        assert len(dict(backend.ask(everything))) == len(everything)
        workload = backend.prepare(everything)
    assert evaluated <= workload.evaluated_tokens + workload.completion_tokens


def test_a_model_whose_state_cannot_be_cut_is_evaluated_from_whole_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = requests(range(3))
    with LlamaCpp(random_model()) as backend:
        expected = dict(backend.ask(everything))
    monkeypatch.setattr(llama_cpp, "llama_model_is_recurrent", lambda _: True)
    with LlamaCpp(random_model()) as backend:
        for request, answer in backend.ask(everything):
            assert answer.log_probabilities == pytest.approx(
                expected[request].log_probabilities, abs=1e-3
            )


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


def test_load_by_name() -> None:
    backend = load(bigram(), name="tiny")
    assert backend.card.model == "tiny"
    assert backend.card.backend == "llama_cpp"
    assert set(backend.card.versions) >= {"llama_cpp_python"}
    backend.close()
    with pytest.raises(InvalidArgumentError, match="parallel is 0"):
        load(bigram(), parallel=0)
