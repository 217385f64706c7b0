from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import CHAT

from doxa.backend import rendering
from doxa.backend.rendering import frame
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

TURN = "{{ messages[-1].content }}"


def test_a_template_is_cut_at_its_turns() -> None:
    before, between, after = frame(CHAT, "", "")
    assert before == "<|im_start|>system\n"
    assert between == "<|im_end|>\n<|im_start|>user\n"
    assert after == "<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    "refusal",
    ["{{ raise_exception('no') }}", "{{ 1 / 0 }}", "{{ nothing.at.all }}", "{{ 'a' + 1 }}"],
)
def test_a_template_that_fails_on_a_system_turn_gets_none(refusal: str) -> None:
    source = "{% if messages[0].role == 'system' %}" + refusal + "{% endif %}<" + TURN + ">"
    assert frame(source, "", "") == ("<", None, ">")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ messages[", "cannot be rendered: unexpected"),
        ("{{ 1 / 0 }}", "cannot be rendered: division by zero"),
        ("{{ messages[-1].content.nothing.at.all }}", "cannot be rendered"),
        ("{{ 'a' * 2000000 }}", "writes more than 1,000,000 characters"),
        ("{% for i in range(9999) %}{{ 'a' * 999 }}{% endfor %}", "writes more than 1,000,000"),
        (" " * 1_000_001, "has more than 1,000,000 characters"),
        ("{{ '\\ud800' }}" + TURN, "cannot be rendered: 'utf-8'"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "cannot be rendered"),
        (TURN + TURN, "does not render a user turn"),
        ("{{ messages.__class__.mro() }}", "cannot be rendered"),
    ],
)
def test_a_broken_template_is_told_in_one_line(source: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        frame(source, "", "")
    assert "\n" not in str(caught.value)


@given(st.text(st.sampled_from("{}%#-+ \n\"'()[]|.,:=ab01"), max_size=40))
def test_any_text_is_a_frame_or_an_error_of_ours(source: str) -> None:
    with suppress(ModelError):
        before, _, after = frame(source + TURN, "<s>", "</s>")
        assert isinstance(before + after, str)


def test_the_process_is_given_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {}
    monkeypatch.setattr(rendering, "limit", lambda what, most: limits.update({what: most}))
    answers: list[Iterator[rendering.Frame]] = []
    monkeypatch.setattr(rendering, "serve", lambda answer: answers.append(answer((CHAT, "", ""))))
    rendering.main()
    assert limits == {"RLIMIT_CPU": rendering.SECONDS, "RLIMIT_AS": 2**30}
    assert list(answers[0]) == [frame(CHAT, "", "")]
