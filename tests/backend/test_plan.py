"""The plans, carried out on a table of logits instead of a model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import bigram, log_probability, table, token, turn

from doxa.backend import ModelCard, Request, Thought
from doxa.backend.plan import Outcome, Plan, plan
from doxa.backend.template import ChatTemplate
from doxa.backend.vocabulary import Vocabulary
from doxa.backend.weights import Weights
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.backend.vocabulary import Tokens

KINDS = ("bytes", "merged", "pieces")
CARD = ModelCard("llama_cpp", "tiny", "", ChatTemplate())


@pytest.fixture(scope="module")
def vocabularies() -> Iterator[dict[str, Vocabulary]]:
    weights = {kind: Weights(bigram(kind), gpu_layers=0) for kind in KINDS}
    yield {kind: Vocabulary(loaded.handle) for kind, loaded in weights.items()}
    for loaded in weights.values():
        loaded.close()


def carried_out(planned: Plan, kind: str) -> tuple[Outcome, Tokens]:
    """Answer each step with a row of the table; return the outcome and all tokens evaluated."""
    held = planned.prompt.whole
    steps = planned.steps(table(kind)[list(held[-1 - planned.prompt.lead :])])
    evaluated: Tokens = ()
    try:
        step = next(steps)
        while True:
            assert len(planned.prompt.whole) <= step.keep <= len(held)
            assert step.tokens
            held = held[: step.keep] + step.tokens
            assert len(held) - len(planned.prompt.whole) <= planned.max_reply_tokens
            evaluated += step.tokens
            step = steps.send(table(kind)[held[-1]])
    except StopIteration as stop:
        return stop.value, evaluated


def planned_for(request: Request, vocabulary: Vocabulary) -> Plan:
    return plan(request, CARD.text(request.turn), vocabulary)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("request_kind", ["options", "shares", "text"])
def test_the_parts_of_a_prompt_continue_one_another(
    vocabularies: dict[str, Vocabulary], kind: str, request_kind: str
) -> None:
    vocabulary = vocabularies[kind]
    asked = Request(turn(), request_kind, ("1", "2"), max_tokens=3)  # type: ignore[arg-type]
    prompt = planned_for(asked, vocabulary).prompt
    system, user, rest = CARD.text(asked.turn)
    assert prompt.shared == vocabulary.prompt(system)
    assert prompt.item == vocabulary.prompt(system + user)
    assert prompt.item[: len(prompt.shared) - 1] == prompt.shared[:-1]
    spelled = vocabulary.spell(prompt.whole).decode().lstrip()
    opening = '{"1":' if request_kind == "shares" else ""
    # labels that begin with a space may take it from the end of the prompt
    assert spelled.rstrip() == (system + user + rest + opening).rstrip()


def test_options_that_begin_with_another_option(vocabularies: dict[str, Vocabulary]) -> None:
    labels = ("1", "10", "100", "2", "21", "3")
    planned = planned_for(Request(turn(), "options", labels), vocabularies["bytes"])
    outcome, evaluated = carried_out(planned, "bytes")
    begins = {label: np.exp(log_probability("bytes", ":", list(f" {label}"))) for label in labels}
    expected = {
        "1": begins["1"] - begins["10"],
        "10": begins["10"] - begins["100"],
        "100": begins["100"],
        "2": begins["2"] - begins["21"],
        "21": begins["21"],
        "3": begins["3"],
    }
    assert np.exp(outcome.log_probabilities) == pytest.approx(list(expected.values()))
    assert outcome.text == max(expected, key=expected.__getitem__)
    assert (outcome.finished, outcome.tokens) == (True, 1 + 2 + 3 + 1 + 2 + 1)
    # "1", "10" and "2" are evaluated, because another label goes on from there
    assert len(evaluated) == 3


def test_a_label_that_always_continues_has_probability_0(
    vocabularies: dict[str, Vocabulary],
) -> None:
    planned = planned_for(Request(turn(), "options", ("1", "10")), vocabularies["bytes"])
    logits = np.full(vocabularies["bytes"].size, -100, np.float32)
    sure = logits.copy()
    sure[token("bytes", "0")] = 100
    logits[token("bytes", "1")] = 100
    space = np.full_like(logits, -100)
    space[token("bytes", " ")] = 100
    steps = planned.steps(np.stack([space, logits]))
    next(steps)
    with pytest.raises(StopIteration) as stop:
        steps.send(sure)
    assert stop.value.value.log_probabilities == (-np.inf, 0.0)
    assert stop.value.value.text == "10"


@pytest.mark.parametrize("kind", KINDS)
@given(labels=st.integers(2, 10), item=st.integers(0, 5), brace=st.booleans())
def test_shares_are_a_whole_object_of_100(
    vocabularies: dict[str, Vocabulary], kind: str, labels: int, item: int, brace: bool
) -> None:
    choices = tuple(str(label) for label in range(1, labels + 1))
    asked = Request(turn(item, reply_start="{" if brace else ""), "shares", choices)
    outcome, evaluated = carried_out(planned_for(asked, vocabularies[kind]), kind)
    shares = json.loads(outcome.text)
    assert tuple(shares) == choices
    assert sum(shares.values()) == 100
    assert outcome.finished
    written = vocabularies[kind].spell(evaluated).decode()
    assert outcome.text.replace(" ", "").startswith('{"1":' + written.replace(" ", ""))


def test_an_unknown_spelling_is_an_error(vocabularies: dict[str, Vocabulary]) -> None:
    asked = Request(turn(reply_start="{"), "shares", ("a", "b c"))
    with pytest.raises(ModelError, match="the model's tokenizer spells the number 0 as"):
        carried_out(planned_for(asked, vocabularies["bytes"]), "bytes")


def test_text_takes_the_most_likely_token_until_its_limit(
    vocabularies: dict[str, Vocabulary],
) -> None:
    planned = planned_for(Request(turn(), "text", max_tokens=4), vocabularies["bytes"])
    outcome, evaluated = carried_out(planned, "bytes")
    last, expected = token("bytes", " "), []
    for _ in range(4):
        last = int(table("bytes")[last].argmax())
        expected.append(last)
    written = vocabularies["bytes"].spell(tuple(expected)).decode("utf-8", "replace")
    assert outcome == Outcome(written, False, 4)
    # the logits after the last token are not needed
    assert evaluated == tuple(expected[:3])


def test_text_ends_with_the_stop_text_or_at_an_end_token(
    vocabularies: dict[str, Vocabulary],
) -> None:
    vocabulary = vocabularies["bytes"]
    asked = Request(turn(), "text", max_tokens=9, stop="b")
    rows = {character: np.zeros(vocabulary.size, np.float32) for character in "ab"}
    for character, row in rows.items():
        row[token("bytes", character)] = 9
    steps = planned_for(asked, vocabulary).steps(rows["a"][None])
    assert next(steps).tokens == (token("bytes", "a"),)
    with pytest.raises(StopIteration) as stop:
        steps.send(rows["b"])
    assert stop.value.value == Outcome("ab", True, 2)

    end = np.zeros(vocabulary.size, np.float32)
    end[next(number for number in range(vocabulary.size) if vocabulary.ends(number))] = 9
    steps = planned_for(asked, vocabulary).steps(rows["a"][None])
    next(steps)
    with pytest.raises(StopIteration) as stop:
        steps.send(end)
    assert stop.value.value == Outcome("a", True, 1)


def test_draws_depend_on_the_seed_and_the_temperature(
    vocabularies: dict[str, Vocabulary],
) -> None:
    def written(seed: int, temperature: float) -> str:
        asked = Request(turn(), "text", max_tokens=8, seed=seed, temperature=temperature)
        return carried_out(planned_for(asked, vocabularies["bytes"]), "bytes")[0].text

    assert written(1, 1.0) == written(1, 1.0)
    assert len({written(seed, 1.0) for seed in range(20)}) == 20
    assert {written(seed, 1e-3) for seed in range(20)} == {written(0, 0.0)}


@pytest.fixture(scope="module")
def thinks() -> Iterator[Vocabulary]:
    loaded = Weights(bigram("thinks"), gpu_layers=0)
    yield Vocabulary(loaded.handle)
    loaded.close()


def thinking(thinks: Vocabulary, request: Request) -> Plan:
    """Plan a request whose third text opens a thought, and whose fourth closes it."""
    parts = ("system", "user", "ask<think>\n", "\n</think>\n\nAnswer: ")
    return plan(request, parts, thinks)


@given(budget=st.integers(1, 40), seed=st.integers(0, 5), temperature=st.sampled_from([0.0, 1.0]))
def test_options_are_scored_after_the_thought(
    thinks: Vocabulary, budget: int, seed: int, temperature: float
) -> None:
    thought = Thought(budget, temperature, seed, end="</think>")
    asked = Request(turn(), "options", ("1", "2", "10"), thought=thought)
    planned = thinking(thinks, asked)
    outcome, evaluated = carried_out(planned, "thinks")
    assert outcome.thought is not None
    assert outcome.thought.written <= budget
    assert outcome.thought.status == ("closed" if len(outcome.thought.tokens) < budget else "cut")
    # the table knows the last token only: a colon
    expected = [log_probability("thinks", ":", list(f" {label}")) for label in ("1", "2", "10")]
    expected[0] = np.log(np.exp(expected[0]) - np.exp(expected[2]))
    assert outcome.log_probabilities == pytest.approx(expected)
    spelled = thinks.spell(evaluated, special=True).decode("utf-8", "replace")
    assert "</think>\n\nAnswer: " in spelled
    assert spelled.count("</think>") == 1


def test_shares_and_texts_come_after_the_thought(thinks: Vocabulary) -> None:
    thought = Thought(6, end="</think>")
    shares, _ = carried_out(
        thinking(thinks, Request(turn(), "shares", ("1", "2"), thought=thought)), "thinks"
    )
    assert sum(json.loads(shares.text).values()) == 100
    text, _ = carried_out(
        thinking(thinks, Request(turn(), "text", max_tokens=4, thought=thought)), "thinks"
    )
    plain, _ = carried_out(
        plan(Request(turn(), "text", max_tokens=4), ("", "", "Answer: "), thinks), "thinks"
    )
    assert text.text == plain.text
    assert text.tokens == plain.tokens + text.thought.written  # type: ignore[union-attr]
