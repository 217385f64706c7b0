from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.elicit.parse import parse_choice, parse_shares

LABELS = ("1", "2", "3")


@pytest.mark.parametrize(
    "text",
    [
        '{"1": 20, "2": 30, "3": 50}',
        "{'3': '50%', '1': '20%', '2': '30%'}",
        "{1: 20.0%, 2: 30.0%, 3: 50.0%}",
        '{"1": 0.2, "2": 0.3, "3": 0.5}',
        '```json\n{\n  "1": 20,\n  "2": 30,\n  "3": 50,\n}\n```',
        "Here it is: {'1':'20 %','2':'30 %','3':'50 %'} Thank you.",
        '{"1": 20, "2": 30, "3": 50} {"2": 30, "1": 20, "3": 50}',
    ],
)
def test_ways_to_write_the_same(text: str) -> None:
    status, reason, shares = parse_shares(text, LABELS)
    assert (status, reason) == ("ok", "")
    assert shares == pytest.approx({"1": 0.2, "2": 0.3, "3": 0.5})


@pytest.mark.parametrize(
    ("text", "reason", "shares"),
    [
        ('{"3": 100}', "left out, taken as 0: 1, 2", [0, 0, 1]),
        ('{"1": 33, "2": 33, "3": 33}', "divided by their sum 99", [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_corrections_are_noted(text: str, reason: str, shares: list[float]) -> None:
    parsed = parse_shares(text, LABELS)
    assert (parsed.status, parsed.reason) == ("ok", reason)
    assert list(parsed.shares.values()) == pytest.approx(shares)


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("", "refused", "an empty reply"),
        ("I would rather not say.", "refused", "words without an object of shares"),
        ("1: 20, 2: 80", "unparsable", "no object of shares"),
        ('{"1": 20, "2": 3', "truncated", "an object that is not closed"),
        ("{}", "unparsable", "an object without shares"),
        ('{"1": 60}', "unparsable", "shares add up to 60, not 100"),
        ('{"1": 70, "2": 70, "3": 0}', "unparsable", "shares add up to 140, not 100"),
        ('{"1": 20, "2": 30, "4": 50}', "unparsable", "'4' is not an option"),
        ('{"1": 20, "1": 30, "3": 50}', "unparsable", "'1' comes twice"),
        ('{"1": -20, "2": 70, "3": 50}', "unparsable", "the share of '1' is -20"),
        ('{"1": 20, "2": "many", "3": 50}', "unparsable", 'no share can be read at \'"2"'),
        ('{"1": 20 "2": 80}', "unparsable", "no comma before"),
        ('{"1": 50, "2": 50}{"1": 40, "2": 60}', "unparsable", "several objects that differ"),
        ('{"1": 1%, "2": 0, "3": 0}', "unparsable", "shares add up to 1, not 100"),
    ],
)
def test_failures_are_named(text: str, status: str, reason: str) -> None:
    parsed = parse_shares(text, LABELS)
    assert parsed.status == status
    assert parsed.reason.startswith(reason)
    assert parsed.shares == {}


@given(st.lists(st.integers(1, 97), min_size=2, max_size=10), st.randoms())
def test_key_order_and_style_never_matter(weights: list[int], random: object) -> None:
    labels = [str(label + 1) for label in range(len(weights))]
    whole = [weight * 100 // sum(weights) for weight in weights]
    whole[0] += 100 - sum(whole)
    pairs = list(zip(labels, whole, strict=True))
    expected = {label: share / 100 for label, share in pairs}
    random.shuffle(pairs)  # type: ignore[attr-defined]
    for text in (json.dumps(dict(pairs)), str({label: f"{share}%" for label, share in pairs})):
        assert parse_shares(text, labels).shares == pytest.approx(expected)


@given(st.text(alphabet="{}123:,'\"% ab\n", max_size=40))
def test_any_text_gets_a_status_and_only_distributions_pass(text: str) -> None:
    status, reason, shares = parse_shares(text, LABELS)
    if status == "ok":
        assert set(shares) == set(LABELS)
        assert sum(shares.values()) == pytest.approx(1)
    else:
        assert reason
        assert not shares


@pytest.mark.parametrize(
    ("text", "label"),
    [("2", "2"), (" 10", "10"), ("1. Because", "1"), ('"3"', "3"), ("Option 2 suits me", "2"),
     ("2, certainly 2", "2"), ("3 (not 1)", "3")],
)  # fmt: skip
def test_choices(text: str, label: str) -> None:
    assert parse_choice(text, ("1", "2", "3", "10")) == ("ok", "", label)


@pytest.mark.parametrize(
    ("text", "complete", "status"),
    [
        ("", True, "refused"),
        ("No idea", True, "refused"),
        ("11", True, "unparsable"),
        ("either 1 or 2", True, "unparsable"),
        ("1", False, "truncated"),
        ("1 and so on", False, "ok"),
    ],
)
def test_replies_that_are_not_choices(text: str, complete: bool, status: str) -> None:
    assert parse_choice(text, ("1", "2", "10"), complete=complete).status == status


def test_letters_are_labels_too() -> None:
    assert parse_choice("B", ("A", "B")).label == "B"
    assert parse_choice("Because of it", ("A", "B")).status == "refused"


TEN = tuple("ABCDEFGHIJ")
TRUST = ("A great deal", "Quite a lot", "Not very much", "None at all")


@pytest.mark.parametrize(
    ("text", "status", "label"),
    [
        ("I would rather not say.", "refused", ""),
        ("I'd rather not say.", "refused", ""),
        ("A great deal", "ok", "A"),
        ("a great deal.", "ok", "A"),
        ("A great many", "refused", ""),
        ("Quite a lot", "ok", "B"),
        ("D. None at all", "ok", "D"),
        ("D) quite a lot", "unparsable", ""),
        ("A, C", "unparsable", ""),
        ("A and C", "unparsable", ""),
        ("A/C", "unparsable", ""),
        ("B or D", "unparsable", ""),
        ("B, not D", "unparsable", ""),
        ("B. I am not sure", "ok", "B"),
        ("**C**", "ok", "C"),
        ("(c)", "ok", "C"),
        ("I", "ok", "I"),
        ("I.", "ok", "I"),
        ("B is my answer", "ok", "B"),
        ("A because it is so", "refused", ""),
    ],
)
def test_words_are_no_letters_and_two_letters_no_answer(text: str, status: str, label: str) -> None:
    found = parse_choice(text, TEN, words=TRUST)
    assert (found.status, found.label) == (status, label)


def test_without_the_options_words_an_article_is_no_label() -> None:
    assert parse_choice("A great deal", ("A", "B")).status == "refused"
    assert parse_choice("1 or 2", ("1", "2", "10")).status == "unparsable"
    assert parse_choice("7 out of 10", ("7", "10")).label == "7"


@pytest.mark.parametrize(
    "text",
    [
        '{"1": "5' + " " * 100_000 + "}",
        '{"1":' + " " * 100_000 + "x}",
        '{"1": ' + "9" * 100_000 + "}",
        '{"1": 1e999, "2": -1e999}',
        '{"1": ' + "9" * 400 + ', "2": -' + "9" * 400 + "}",
        "{" * 100_000,
        '{"' * 50_000,
    ],
    ids=range(7),
)
def test_long_and_vast_replies_are_read_at_once(text: str) -> None:
    # a search that goes back over the spaces again and again takes minutes here
    assert parse_shares(text, ["1", "2"]).status in ("unparsable", "truncated")
