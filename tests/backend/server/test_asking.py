from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest
from tiny_models import turn

from doxa.backend import Answer, Request, Thought, Turn
from doxa.backend.server.asking import (
    AfterThought,
    Scores,
    Thoughts,
    Written,
    answer,
    limit,
    prompt_of,
)
from doxa.backend.server.capabilities import Capabilities
from doxa.backend.server.fault import FaultError
from doxa.backend.template import ChatTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence


OPTIONS = Request(turn(), "options", ("1", "2"))


class Fake:
    """A server that answers every turn alike, and keeps them."""

    capabilities = Capabilities("", "", "top")

    def __init__(self, *values: float, ceilings: tuple[float, ...] = (), unseen: float = 0) -> None:
        self.scores = Scores(values, ceilings, unseen, "odd")
        self.turns: list[Turn] = []

    async def options(self, turn: Turn | AfterThought, labels: Sequence[str]) -> Scores:
        assert isinstance(turn, Turn)
        self.turns.append(turn)
        assert len(labels) == len(self.scores.values)
        return self.scores

    async def shares(self, turn: Turn | AfterThought, request: Request) -> Written:
        raise AssertionError((turn, request))

    async def text(self, turn: Turn | AfterThought, request: Request) -> Written:
        assert request.kind == "text"
        assert turn is request.turn
        return Written("my key", "length", thought=Thoughts(" my key? ", "closed", 3))


def asked(fake: Fake, request: Request = OPTIONS, *, bounds: bool = False) -> Answer:
    def masked(text: str) -> str:
        return text.replace("key", "***")

    made = answer(fake, request, masked=masked, bounds=bounds, server="http://h/v1/")
    return asyncio.run(made)


def test_the_baseline_is_asked_too_and_the_likeliest_label_is_the_text() -> None:
    fake = Fake(-2.0, -1.0)
    found = asked(fake, Request(turn(), "options", ("1", "2"), baseline=turn(1)))
    assert (found.text, found.baseline, found.server) == ("2", (-2.0, -1.0), "http://h/v1/")
    assert found.note == "odd; in the prompt without content: odd"
    assert fake.turns == [turn(), turn(1)]


@pytest.mark.parametrize(("hidden", "unseen", "share"), [(0.1, 0.5, 0.1), (0.1, 0.05, 0.0526)])
def test_more_than_a_hundredth_unseen_is_refused(
    hidden: float, unseen: float, share: float
) -> None:
    seen = math.log(0.9)
    fake = Fake(seen, -math.inf, ceilings=(seen, math.log(hidden)), unseen=unseen)
    with pytest.raises(FaultError, match=f"list option 2 .* may hold {share:.1%}") as caught:
        asked(fake)
    assert caught.value.reach == "all"
    assert asked(fake, bounds=True).unseen == unseen
    little = Fake(seen, -math.inf, ceilings=(seen, math.log(0.009)), unseen=unseen)
    assert asked(little).ceilings == (seen, math.log(0.009))


def test_a_secret_in_a_reply_is_masked() -> None:
    found = asked(Fake(), Request(turn(), "text", max_tokens=3))
    assert (found.text, found.finish, found.note) == (
        "my ***",
        "length",
        "a secret in it was masked",
    )


def test_the_prompt_is_what_the_template_makes() -> None:
    capabilities = Capabilities("", "", "forced", ChatTemplate())
    assert prompt_of(capabilities, turn(system="")).endswith("\n\nSay one.\nAnswer: ")


def test_a_reply_has_a_limit() -> None:
    assert [limit(one) for one in (OPTIONS, Request(turn(), "shares", ("1", "2")))] == [1, 48]


def test_a_thought_that_came_with_the_reply_is_kept_apart() -> None:
    found = asked(Fake(), Request(turn(), "text", max_tokens=3, thought=Thought(9)))
    assert (found.text, found.thought) == ("my ***", "my ***?")
    assert (found.thought_status, found.thought_tokens) == ("closed", 3)


def test_first_tokens_are_no_answer_where_a_thought_comes_first() -> None:
    with pytest.raises(FaultError, match="elicit verbalized or sampling, or serve") as caught:
        asked(Fake(-1.0, -2.0), Request(turn(), "options", ("1", "2"), thought=Thought(9)))
    assert caught.value.reach == "all"
