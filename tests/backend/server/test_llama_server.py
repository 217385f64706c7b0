"""A real llama-server, from the package xllamacpp, and one that is scripted to be odd."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from llama_server import serving
from scripted_server import scripted
from tiny_models import bigram, random_model, requests, thinking_model, turn

from doxa.backend import Answer, Request, Thought, load
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.errors import ModelError
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("1", "2", "10")
MODELS = {
    "bytes": lambda: bigram("bytes"),
    "pieces": lambda: bigram("pieces"),
    "merged and base": lambda: bigram("merged", chat=False),
    "random": lambda: random_model("bytes"),
    "random pieces": lambda: random_model("pieces"),
}


def both(model: Path, asked: list[Request]) -> list[tuple[Request, Answer, Answer]]:
    """Ask a model behind llama-server and in process."""
    with serving(model) as address:
        remote = load("tiny", backend="openai_server", server=address)
        local = load(model)
        try:
            assert remote.card.template == local.card.template
            theirs, ours = dict(remote.ask(asked)), dict(local.ask(asked))
        finally:
            remote.close()
            local.close()
    return [(one, theirs[one], ours[one]) for one in asked]


@pytest.mark.parametrize("name", MODELS)
def test_labels_of_several_tokens_are_scored_as_in_process(name: str) -> None:
    asked = requests(range(3))
    for request, theirs, ours in both(MODELS[name](), asked):
        assert theirs.finish == ours.finish
        if request.kind == "options":
            assert theirs.log_probabilities == pytest.approx(ours.log_probabilities, abs=1e-3)
            assert (theirs.text, theirs.prompt_tokens) == (ours.text, ours.prompt_tokens)
            assert theirs.completion_tokens == ours.completion_tokens
            assert (theirs.ceilings, theirs.note) == ((), "")
        elif request.kind == "shares":
            shares = json.loads(theirs.text)
            assert tuple(shares) == request.choices
            assert sum(shares.values()) == 100
            if "pieces" not in name:
                # a grammar allows spellings that the tokenizer of a text would not choose
                assert theirs.text == ours.text


@pytest.mark.parametrize("language", ["en", "ja", "es"])
def test_the_questionnaires_prompts_are_scored_as_in_process(language: str) -> None:
    bank, condition = QuestionBank.load(), Condition(language, n_examples=0)
    asked = [
        ELICITATIONS[name].request(render(item, condition, bank=bank), ElicitationSettings(), 0, 0)
        for item in list(bank.items)[::72]
        for name in ("logprobs", "logprobs-calibrated")
    ]
    for _, theirs, ours in both(random_model("bytes"), asked):
        assert theirs.log_probabilities == pytest.approx(ours.log_probabilities, abs=1e-3)
        assert theirs.baseline == pytest.approx(ours.baseline, abs=1e-3)
        assert theirs.prompt_tokens == ours.prompt_tokens


def test_a_greedy_text_is_the_one_of_the_model_in_process() -> None:
    asked = [
        Request(turn(item), "text", max_tokens=6, stop=stop) for item in (0, 1) for stop in "5="
    ]
    for _, theirs, ours in both(random_model("bytes"), asked):
        assert (theirs.text, theirs.finish, theirs.begun) == (ours.text, ours.finish, True)
        assert theirs.completion_tokens == ours.completion_tokens


def test_a_thought_is_written_and_closed_as_in_process() -> None:
    asked = [
        Request(turn(item), kind, ("1", "2"), max_tokens=4, thought=Thought(budget))
        for item, budget in ((0, 1), (1, 20))
        for kind in ("options", "shares", "text")
    ]
    asked.append(Request(turn(), "options", ("1", "2")))
    asked.append(Request(turn(), "options", ("1", "2"), baseline=turn(1), thought=Thought(20)))
    ends = set()
    for _, theirs, ours in both(thinking_model(), asked):
        ends.add(ours.thought_status)
        assert (theirs.text, theirs.thought_status) == (ours.text, ours.thought_status)
        assert theirs.thought == ours.thought
        assert theirs.log_probabilities == pytest.approx(ours.log_probabilities, abs=1e-3)
        assert theirs.baseline == pytest.approx(ours.baseline, abs=1e-3)
    assert ends == {"none", "closed", "cut"}


def props(**more: Any) -> dict[str, Any]:
    known = {"default_generation_settings": {}, "chat_template": "", "bos_token": "<s>"}
    return {"model_path": "/models/x.gguf", "build_info": "b1"} | known | more


def tokens(asked: dict[str, Any]) -> dict[str, Any]:
    text = asked["content"]
    return {"tokens": [1] * asked["add_special"] + [ord(character) for character in text]}


def entry(token: int, value: float = -1.0) -> dict[str, Any]:
    return {"id": token, "token": chr(token), "bytes": [], "logprob": value}


def written(asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Answer as llama-server does; the token that is forced has the log-probability -1."""
    token = asked["logit_bias"][0][0] if asked.get("logit_bias") else 65
    first = entry(token) | {"top_logprobs": [entry(65, -2.0)]}
    found = {"content": "A", "stop_type": "limit", "truncated": False, "tokens_predicted": 1}
    found |= {"tokens_evaluated": len(asked["prompt"]), "completion_probabilities": [first]}
    return found | more


def odd(request: Request, complete: Any, tokenize: Any = tokens) -> Answer:
    knows = {"/props": lambda _: props(), "/tokenize": tokenize, "/completion": complete}
    with scripted(knows=knows) as address:
        backend = load("m", backend="openai_server", server=address)
        try:
            [(_, answer)] = backend.ask([request])
        finally:
            backend.close()
    return answer


OPTIONS = Request(turn(), "options", LABELS)
SHARES = Request(turn(), "shares", LABELS)
TEXT = Request(turn(), "text", max_tokens=3)


def test_a_label_that_is_not_listed_is_asked_for_by_itself() -> None:
    asked: list[dict[str, Any]] = []

    def complete(body: dict[str, Any]) -> dict[str, Any]:
        asked.append(body)
        return written(body)

    answer = odd(OPTIONS, complete)
    one, two, ten = map(math.exp, answer.log_probabilities)
    assert (one, two, ten) == pytest.approx((math.e**-2 - math.e**-3, math.e**-2, math.e**-3))
    assert [chr(body["logit_bias"][0][0]) for body in asked] == [" ", "1", "2", "0"]
    # the token that begins a text comes once
    assert all(body["prompt"].count(1) == 1 for body in asked)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tokens_evaluated": 7}, "evaluated 7 tokens of a prompt of"),
        ({"truncated": True}, "start it with a larger context"),
        ({"tokens_evaluated": None}, "whose tokens_evaluated is no number of tokens"),
        ({"completion_probabilities": [entry(9) | {"top_logprobs": []}]}, "it is made to write"),
        ({"completion_probabilities": [entry(32, 2) | {"top_logprobs": []}]}, "impossible number"),
        ({"completion_probabilities": [entry(32) | {"top_logprobs": [entry(65, 0), entry(66)]}]},
         "add up to 1.36"),
        ({"completion_probabilities": [entry(32) | {"top_logprobs": 5}]}, "of an odd form"),
        ({"completion_probabilities": [entry(32) | {"top_logprobs": [{"id": "x", "logprob": -1}]}]},
         "a token has no number"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_an_error_reply(more: dict[str, Any], said: str) -> None:
    answer = odd(OPTIONS, lambda asked: written(asked, **more))
    assert answer.finish == "error"
    assert said in answer.text


def test_a_server_without_probabilities_ends_the_run() -> None:
    with pytest.raises(ModelError, match="gives no log-probabilities: elicit verbalized"):
        odd(OPTIONS, lambda asked: written(asked, completion_probabilities=[]))


@pytest.mark.parametrize(
    ("request_", "more", "said"),
    [
        (SHARES, {"content": " 101,"}, "wrote '101' where its grammar allows 0 to 100"),
        (SHARES, {"content": "sure"}, "wrote 'sure' where"),
        (SHARES, {"content": None}, "sent a completion without text"),
        (TEXT, {"content": [1]}, "sent a completion without text"),
    ],
)
def test_a_text_that_cannot_be_is_an_error_reply(
    request_: Request, more: dict[str, Any], said: str
) -> None:
    answer = odd(request_, lambda asked: written(asked, **more))
    assert answer.finish == "error"
    assert said in answer.text


def test_tokens_that_are_none_are_an_error_reply() -> None:
    answer = odd(TEXT, written, lambda _: {"tokens": ["a"]})
    assert answer.text == "the server sent something else than tokens for a text"


def test_no_share_is_larger_than_what_remains() -> None:
    grammars: list[str] = []

    def complete(asked: dict[str, Any]) -> dict[str, Any]:
        grammars.append(asked["grammar"])
        return written(asked, content=" 70,")

    answer = odd(Request(turn(), "shares", ("1", "2")), complete)
    assert answer.text == '{"1": 70, "2": 30}'
    assert odd(SHARES, complete).finish == "error"
    assert '"30"' in grammars[-1]
    assert '"31"' not in grammars[-1]


def test_the_text_that_ends_a_reply_belongs_to_it() -> None:
    asked = Request(turn(), "text", max_tokens=3, stop="}")
    answer = odd(asked, lambda body: written(body, content="{1", stop_type="word"))
    assert (answer.text, answer.finish) == ("{1}", "stop")
