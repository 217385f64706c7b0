from __future__ import annotations

import json
import math
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np
import pytest
from thinking_templates import FAMILIES
from tiny_models import bigram, log_probability, random_model, table, token, turn
from tiny_models import requests as turns

from doxa.backend import Request, Thought, Turn
from doxa.backend.decoder import PromptTokens
from doxa.backend.drawing import log_softmax
from doxa.backend.loaded import LoadedModel
from doxa.backend.template import ChatTemplate
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from doxa.backend import Answer
    from doxa.backend.vocabulary import Tokens

DIGITS = "0123456789"
PARTS = ("system", "user", "ask", "reply_start")


@contextmanager
def loaded(file: Path, **options: Any) -> Iterator[LoadedModel]:
    usual: dict[str, Any] = {"gpu_layers": None, "context_length": None, "threads": 1}
    with LoadedModel(file, name="tiny", **{**usual, "parallel": 1, **options}) as model:
        yield model


def spelled(request: Request) -> Request:
    parts = ChatTemplate().render(*(getattr(request.turn, part) for part in PARTS))
    return replace(request, turn=Turn(*parts))


def requests(items: Sequence[int], labels: int = 10) -> list[Request]:
    return [spelled(request) for request in turns(items, labels)]


def one(model: LoadedModel, request: Request) -> Answer:
    [answer] = model.answer([request])
    return answer


def asked(
    model: LoadedModel, everything: Sequence[Request], parallel: int = 1
) -> dict[Request, Answer]:
    """Ask about `parallel` items at a time, each with three elicitations."""
    items = [everything[start : start + 3] for start in range(0, len(everything), 3)]
    found = {}
    for start in range(0, len(items), parallel):
        for together in zip(*items[start : start + parallel], strict=True):
            found.update(zip(together, model.answer(together), strict=True))
    return found


def bits(answer: Answer) -> tuple[str, tuple[float, ...]]:
    return answer.text, answer.log_probabilities


def all_bits(
    model: LoadedModel, everything: Sequence[Request]
) -> dict[Request, tuple[str, tuple[float, ...]]]:
    return {request: bits(answer) for request, answer in asked(model, everything).items()}


@pytest.mark.parametrize("kind", ["bytes", "pieces"])
def test_option_log_probabilities_are_exact(kind: str) -> None:
    labels = tuple(str(label) for label in range(1, 11))
    with loaded(bigram(kind)) as model:
        answer = one(model, spelled(Request(turn(), "options", labels)))
    begins = [log_probability(kind, ":", list(f" {label}")) for label in labels]
    expected = list(np.exp(begins))
    expected[0] -= expected[9]
    assert np.exp(answer.log_probabilities) == pytest.approx(expected, rel=2e-3)
    assert answer.text == labels[int(np.argmax(expected))]


@pytest.mark.parametrize("kind", ["bytes", "merged", "pieces"])
@pytest.mark.parametrize("labels", [("1", "2", "10"), ("A", "B", "C"), ("1", "10")])
def test_the_space_before_a_label_is_scored_whatever_the_tokens(
    kind: str, labels: tuple[str, ...]
) -> None:
    with loaded(bigram(kind)) as model:
        spaced = one(model, spelled(Request(turn(reply_start="Answer: "), "options", labels)))
        before = tuple(f" {label}" for label in labels)
        tight = one(model, spelled(Request(turn(reply_start="Answer:"), "options", before)))
    assert spaced.log_probabilities == tight.log_probabilities


def test_a_label_that_merges_with_the_space_before_it() -> None:
    labels = ("1", "2", "10")
    with loaded(bigram("merged")) as model:
        spaced = one(model, spelled(Request(turn(reply_start="Answer: "), "options", labels)))
        tight = one(
            model, spelled(Request(turn(reply_start="Answer:"), "options", (" 1", " 2", " 10")))
        )
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
    with loaded(bigram()) as model:
        answer = one(model, spelled(Request(turn(reply_start="{"), "shares", labels)))
    assert json.loads(answer.text) == constrained_twin(" ", labels)


@pytest.mark.parametrize("kind", ["bytes", "merged", "pieces"])
def test_shares_are_always_a_valid_object(kind: str) -> None:
    with loaded(random_model(kind)) as model:
        for request, answer in asked(model, requests(range(4), labels=5)).items():
            if request.kind == "shares":
                shares = json.loads(answer.text)
                assert tuple(shares) == request.choices
                assert sum(shares.values()) == 100


def test_greedy_text_follows_the_table() -> None:
    with loaded(bigram()) as model:
        answer = one(model, spelled(Request(turn(), "text", max_tokens=5)))
        last, expected = token("bytes", " "), []
        for _ in range(5):
            last = int(table("bytes")[last].argmax())
            expected.append(last)
        assert answer.completion_tokens == 5
        assert answer.finish == "length"
        assert model._vocabulary.spell(tuple(expected)).decode("utf-8", "replace") == answer.text


def test_draws_follow_the_table() -> None:
    draw = spelled(Request(turn(), "text", max_tokens=1, temperature=0.7))
    n_draws = 3000
    with loaded(bigram()) as model:
        texts = [one(model, replace(draw, seed=seed)).text for seed in range(n_draws)]
    logits = table("bytes")[token("bytes", " ")].astype(np.float64) / 0.7
    shares = np.exp(logits - np.logaddexp.reduce(logits))
    counts = np.array([texts.count(digit) for digit in DIGITS])
    expected = np.array([shares[token("bytes", digit)] for digit in DIGITS]) * n_draws
    rest = n_draws - counts.sum()
    expected_rest = n_draws - expected.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    statistic += (rest - expected_rest) ** 2 / expected_rest
    # the 99.9 % point of chi-square with 10 degrees of freedom
    assert statistic < 29.6


@pytest.mark.parametrize("kind", ["bytes", "pieces"])
def test_same_bits_in_a_full_run_a_resumed_one_and_alone(kind: str) -> None:
    everything = requests(range(6))
    with loaded(random_model(kind)) as model:
        model.prepare(everything)
        full = all_bits(model, everything)
    with loaded(random_model(kind), threads=2) as model:
        resumed = all_bits(model, everything[6:])
        backwards = all_bits(model, everything[::-1])
    assert resumed == {request: full[request] for request in everything[6:]}
    assert backwards == full
    for request in everything[4:6]:
        with loaded(random_model(kind)) as model:
            assert bits(one(model, request)) == full[request]


def test_side_by_side_gives_nearly_the_same() -> None:
    everything = requests(range(5))
    with loaded(random_model()) as model:
        alone = asked(model, everything)
    with loaded(random_model(), parallel=4) as model:
        together = asked(model, everything, 4)
    for request, answer in together.items():
        expected = alone[request].log_probabilities
        assert answer.log_probabilities == pytest.approx(expected, abs=1e-3)


def test_elicitations_share_an_items_evaluation_side_by_side_too() -> None:
    everything = requests(range(4))
    with loaded(random_model(), parallel=4) as model:
        model.prepare(everything)
        evaluated = 0
        decode = model._decoder._evaluate  # type: ignore[union-attr]

        def counting(pieces: list[tuple[object, int, tuple[int, ...]]]) -> None:
            nonlocal evaluated
            evaluated += sum(len(tokens) for _, _, tokens in pieces)
            decode(pieces)  # type: ignore[arg-type]

        model._decoder._evaluate = counting  # type: ignore[union-attr, method-assign, assignment]
        assert len(asked(model, everything, 4)) == len(everything)
        workload = model.prepare(everything)
    assert evaluated <= workload.evaluated_tokens + workload.completion_tokens


def test_a_model_whose_state_cannot_be_cut_is_evaluated_from_whole_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = requests(range(3))
    with loaded(random_model()) as model:
        expected = asked(model, everything)
    monkeypatch.setattr(llama_cpp, "llama_model_is_recurrent", lambda _: True)
    with loaded(random_model()) as model:
        for request, answer in asked(model, everything).items():
            assert answer.log_probabilities == pytest.approx(
                expected[request].log_probabilities, abs=1e-3
            )


def test_a_file_says_what_a_card_needs() -> None:
    with loaded(random_model(chat="a {{ template }}", context=512)) as model:
        told = model.chat_template, model.trained, model.bos, model.eos, model.gpu_layers
    assert told == ("a {{ template }}", 512, "<|end|>", "<|im_end|>", 0)


def test_an_error_of_the_evaluation_is_that_of_the_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = requests([1])
    with loaded(random_model()) as model:
        model.prepare(everything)
        with monkeypatch.context() as patch:
            patch.setattr(llama_cpp, "llama_decode", lambda *_: -3)
            failed = one(model, everything[0])
        assert failed.finish == "error"
        assert "could not evaluate" in failed.text
        assert one(model, everything[0]).finish == "stop"


def test_a_baseline_without_scores_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    request = replace(requests([1])[0], baseline=requests([2])[0].turn)
    with loaded(random_model()) as model:
        monkeypatch.setattr(model, "_baseline", lambda _: "no scores")
        answer = one(model, request)
    assert (answer.finish, answer.text, answer.log_probabilities) == ("error", "no scores", ())


@pytest.mark.parametrize("norm", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_give_no_reply(norm: float) -> None:
    with loaded(random_model(norm=norm)) as model:
        for answer in asked(model, requests(range(2))).values():
            assert answer.finish == "error"
            assert "not finite numbers" in answer.text


@pytest.mark.parametrize("context", [0, 2**31, 2**32 - 1])
def test_a_context_length_that_is_none_is_told(context: int) -> None:
    with (
        pytest.raises(ModelError, match=r"cannot be used: its context length is -?\d+: not from 1"),
        loaded(random_model(context=context)),
    ):
        pass


def thoughtful(item: int = 0, *, kind: str = "options", budget: int = 24, **how: Any) -> Request:
    chat = ChatTemplate(FAMILIES["qwen3"].source)
    parts = chat.render(*(getattr(turn(item), part) for part in PARTS), thinks=True)
    thought = Thought(budget, end="</think>", **how)
    return Request(Turn(*parts), kind, ("1", "2"), max_tokens=5, thought=thought)  # type: ignore[arg-type]


def test_the_probabilities_after_a_thought_are_those_of_the_whole_text() -> None:
    with loaded(random_model("thinks")) as model:
        for temperature in (0.0, 1.0):
            evaluated: list[tuple[int, Tokens]] = []
            with recorded(model, evaluated):
                answer = one(model, thoughtful(temperature=temperature))
            assert model._decoder is not None
            held: Tokens = model._decoder._slots[0].whole.tokens
            for keep, tokens in evaluated:
                held = held[:keep] + tokens
            with loaded(random_model("thinks")) as fresh:
                fresh._grow_cache(len(held))
                assert fresh._decoder is not None
                [logits] = fresh._decoder.enter([PromptTokens(held, held, held, 1)])
            assert logits is not None
            space = log_softmax(logits[0])[token("thinks", " ")]
            expected = space + log_softmax(logits[1])[[token("thinks", label) for label in "12"]]
            assert answer.log_probabilities == pytest.approx(list(expected), abs=1e-4)
            assert answer.thought_status in ("closed", "cut")
            assert answer.thought


@contextmanager
def recorded(model: LoadedModel, steps: list[tuple[int, Tokens]]) -> Iterator[None]:
    """Record the steps that a model takes."""
    model._grow_cache(1024)
    decoder: Any = model._decoder
    extend = decoder.extend

    def recording(taken: Sequence[tuple[int, Any]]) -> Any:
        steps.extend(tuple(step) for _, step in taken)
        return extend(taken)

    decoder.extend = recording
    yield
    del decoder.extend


def test_a_prompt_is_evaluated_once_for_all_its_thoughts() -> None:
    requests = [thoughtful(temperature=1.0, seed=seed) for seed in range(3)]
    with loaded(random_model("thinks")) as model:
        first = one(model, requests[0])
        assert model._decoder is not None
        counted: list[int] = []
        evaluate = model._decoder._evaluate

        def counting(pieces: Any) -> None:
            counted.append(sum(len(tokens) for _, _, tokens in pieces))
            evaluate(pieces)

        model._decoder._evaluate = counting  # type: ignore[method-assign]
        others = [one(model, request) for request in requests[1:]]
        room = sum(24 + len("\n</think>\n\nAnswer: ") for _ in others)
        assert 0 < sum(counted) <= room
        # and whatever was evaluated before changes no bit
        assert bits(one(model, requests[0])) == bits(first)
    assert len({answer.thought for answer in (first, *others)}) == 3


@pytest.mark.parametrize("kind", ["options", "shares", "text"])
def test_thoughts_side_by_side_are_those_of_each_alone(kind: str) -> None:
    requests = [thoughtful(item, kind=kind, temperature=1.0, seed=item) for item in range(3)]
    with loaded(random_model("thinks"), parallel=3) as model:
        together = list(model.answer(requests))
    with loaded(random_model("thinks")) as model:
        alone = [one(model, request) for request in requests]
    for a, b in zip(together, alone, strict=True):
        assert (a.text, a.thought, a.thought_status) == (b.text, b.thought, b.thought_status)
        assert a.log_probabilities == pytest.approx(b.log_probabilities, abs=1e-4)
        assert a.thought_tokens
        assert (a.completion_tokens or 0) > a.thought_tokens


def test_a_thought_needs_room() -> None:
    with loaded(random_model("thinks", context=512)) as model:
        assert model.prepare([thoughtful(budget=20)]).thought_tokens == 20
        with pytest.raises(ModelError, match="let it think less"):
            model.prepare([thoughtful(budget=400)])


def test_a_build_that_leaves_instructions_unused_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loaded(random_model()) as model:
        assert model.notice == ""
    monkeypatch.setattr("doxa.backend.loaded.flags", lambda: {"i8mm"})
    with loaded(random_model()) as model:
        assert "llama.cpp was built without this processor's MATMUL_INT8" in model.notice
    with loaded(random_model(), gpu_layers=-1) as model:
        assert model.notice == ""
