from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import bigram, token, words

from doxa.backend.vocabulary import Vocabulary
from doxa.backend.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("bytes", "merged", "pieces")


@pytest.fixture(scope="module")
def vocabularies() -> Iterator[dict[str, Vocabulary]]:
    weights = {kind: Weights(bigram(kind), gpu_layers=0) for kind in KINDS}
    yield {kind: Vocabulary(loaded.handle) for kind, loaded in weights.items()}
    for loaded in weights.values():
        loaded.close()


@pytest.mark.parametrize(
    ("kind", "bos", "eos"),
    [("bytes", "<|end|>", "<|im_end|>"), ("pieces", "<s>", "</s>")],
)
def test_size_and_special_tokens(
    vocabularies: dict[str, Vocabulary], kind: str, bos: str, eos: str
) -> None:
    vocabulary = vocabularies[kind]
    assert vocabulary.size == words(kind).size
    assert (vocabulary.bos, vocabulary.eos) == (bos, eos)
    assert vocabulary.ends(words(kind).texts.index(eos))
    assert not vocabulary.ends(token(kind, "a"))


@given(st.text(max_size=60))
@pytest.mark.parametrize("kind", ["bytes", "merged"])
def test_bytes_come_back(vocabularies: dict[str, Vocabulary], kind: str, text: str) -> None:
    vocabulary = vocabularies[kind]
    assert vocabulary.spell(vocabulary.fragment(text)) == text.encode()


def test_merged_pieces_are_one_token(vocabularies: dict[str, Vocabulary]) -> None:
    assert vocabularies["merged"].fragment("a 1") == (token("merged", "a"), token("merged", " 1"))
    assert len(vocabularies["bytes"].fragment("a 1")) == 3


def test_special_tokens_are_recognised_in_prompts_alone(
    vocabularies: dict[str, Vocabulary],
) -> None:
    vocabulary = vocabularies["bytes"]
    text = "<|im_start|>hi"
    assert vocabulary.prompt(text)[0] == words("bytes").texts.index("<|im_start|>")
    assert vocabulary.spell(vocabulary.prompt(text)) == b"hi"
    assert vocabulary.spell(vocabulary.fragment(text)) == text.encode()


def test_the_beginning_is_marked_once_if_the_model_wants_it(
    vocabularies: dict[str, Vocabulary],
) -> None:
    first = words("pieces").texts.index("<s>")
    for text in ("hello", "<s>hello"):
        tokens = vocabularies["pieces"].prompt(text)
        assert (tokens[0], tokens.count(first)) == (first, 1)
    assert first not in vocabularies["pieces"].fragment("hello")
    assert vocabularies["bytes"].prompt("hello") == vocabularies["bytes"].fragment("hello")


def test_a_prompt_read_again_is_the_same_object(vocabularies: dict[str, Vocabulary]) -> None:
    prompt = vocabularies["bytes"].prompt
    assert prompt("once more") is prompt("once more")


PIECES = (
    "a",
    " 1",
    " ",
    "\n",
    "\n\n",
    "hello",
    "<|im_start|>",
    "<|im_end|>",
    "<|end|>",
    "</s>",
    "<s>",
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_cut_at_special_tokens_is_read_as_a_whole(
    vocabularies: dict[str, Vocabulary], kind: str, text: str
) -> None:
    vocabulary = vocabularies[kind]
    assert vocabulary.prompt(text) == vocabulary._whole(text)


def test_of_prompts_that_differ_in_their_ends_the_beginning_is_read_once(
    vocabularies: dict[str, Vocabulary], monkeypatch: pytest.MonkeyPatch
) -> None:
    vocabulary, read = vocabularies["bytes"], []
    tokens = vocabulary._tokens

    def counting(text: str, *, add_bos: bool, special: bool) -> tuple[int, ...]:
        read.append(text)
        return tokens(text, add_bos=add_bos, special=special)

    monkeypatch.setattr(vocabulary, "_tokens", counting)
    for label in "123":
        vocabulary.prompt(f"<|im_start|>Which one?<|im_end|>\nAnswer: {label}")
    ends = [f"<|im_end|>\nAnswer: {label}" for label in "123"]
    assert read == ["<|im_start|>Which one?", *ends]


def test_more_tokens_than_bytes(vocabularies: dict[str, Vocabulary]) -> None:
    # each of these letters is three tokens, one for each of its bytes
    text = "\N{HIRAGANA LETTER A}" * 500
    tokens = vocabularies["pieces"].fragment(text)
    assert len(tokens) >= 1500
    assert vocabularies["pieces"].spell(tokens).decode().strip() == text
