from __future__ import annotations

from typing import Any

import pytest

from doxa.backend.server.echoed import Scored, echoed, from_prompt_logprobs
from doxa.backend.server.fault import FaultError


def body(*choices: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"index": index, **choice} for index, choice in enumerate(choices)]}


def echo(*tokens: str, logs: list[float | None] | None = None) -> dict[str, Any]:
    values = logs or [None, *[-1.0] * (len(tokens) - 1)]
    return {"logprobs": {"tokens": list(tokens), "token_logprobs": values}}


def test_replies_are_sorted_by_their_number() -> None:
    found = body(echo("a", "1", "!"), echo("a", "2", "!"))
    found["choices"].reverse()
    assert [one.tokens for one in echoed(found, ["a1", "a2"])] == [("a", "1"), ("a", "2")]


@pytest.mark.parametrize("written", [(), ("!",), ("1",)])
@pytest.mark.parametrize("begins", [(), ("<s>",)])
def test_what_is_written_after_the_prompt_is_left_out(
    begins: tuple[str, ...], written: tuple[str, ...]
) -> None:
    [found] = echoed(body(echo(*begins, "Q: ", "a", " 1", *written)), ["Q: a 1"])
    assert found.tokens == (*begins, "Q: ", "a", " 1")


def test_letters_that_are_spelled_by_halves_do_not_matter() -> None:
    [found] = echoed(body(echo("\ufffd", "\ufffd", ": ", "1", "x")), ["答: 1"])
    assert found.tokens[-1] == "1"


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"logprobs": None},
        {"logprobs": {"tokens": ["1"], "token_logprobs": [-1.0]}},  # the written token alone
        {"logprobs": {"tokens": None, "token_logprobs": []}},
        echo("x", "y"),
        echo("Q: ", "a 1", logs=[None, None]),
    ],
)
def test_what_does_not_cover_the_prompt_is_refused(choice: dict[str, Any]) -> None:
    with pytest.raises(FaultError, match=r"gives no log-probabilities of a prompt|echoes another"):
        echoed(body(choice), ["Q: a 1"])


@pytest.mark.parametrize(
    "entries",
    [
        None,
        [],
        [None],
        [None, None],
        [None, {}],
        [None, {"8": {"logprob": -1.0}}],
        [None, {"7": 1}],
    ],
)
def test_prompt_logprobs_that_are_missing_are_refused(entries: Any) -> None:
    with pytest.raises(FaultError, match="gives no log-probabilities of a prompt"):
        from_prompt_logprobs(body({"prompt_logprobs": entries}), [[1, 7]])


@pytest.mark.parametrize("value", [0.5, "x", None, float("nan")])
def test_what_is_no_probability_is_refused(value: Any) -> None:
    with pytest.raises(FaultError, match="sent an impossible number"):
        from_prompt_logprobs(body({"prompt_logprobs": [None, {"7": {"logprob": value}}]}), [[1, 7]])


def test_a_probability_too_small_to_report_is_0() -> None:
    entries = [None, {"7": {"logprob": -9999.0}}]
    assert from_prompt_logprobs(body({"prompt_logprobs": entries}), [[1, 7]]) == [
        Scored((1, 7), (None, float("-inf")))
    ]


@pytest.mark.parametrize(
    "odd", [{}, {"choices": []}, {"choices": [1]}, {"choices": [{"index": 5}]}]
)
def test_replies_that_do_not_fit_the_prompts_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(FaultError, match=r"sent|numbers its replies oddly"):
        echoed(odd, ["a1"])
