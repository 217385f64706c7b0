from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa.errors import ExperimentError
from doxa.prompt import (
    FORM,
    Allowed,
    Condition,
    Form,
    allowed_in,
    draw_forms,
    every_form,
    form_of,
    in_form,
    ordered_codes,
)
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
ENGLISH = allowed_in(["en"], Allowed(), BANK)


def test_a_form_has_the_fields_of_a_condition() -> None:
    assert Form._fields == FORM
    form = Form("b", "typos", "c", "reversed", "letters")
    assert form_of(in_form(Condition("en"), form)) == form


def test_two_forms_are_the_questionnaires_own_in_both_orders() -> None:
    for forms in draw_forms(BANK.items, 2, ENGLISH, bank=BANK).values():
        assert forms == (Form(), Form(option_order="reversed"))
    assert every_form(Allowed()) == (Form(), Form(option_order="reversed"))


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 12), st.integers(0, 3))
def test_forms_are_different_and_more_of_them_keep_the_first(n: int, seed: int) -> None:
    items = ["Q1", "Q57", "Q149", "Q164", "Q119"]
    found = draw_forms(items, n, ENGLISH, bank=BANK, seed=seed)
    assert list(found) == items
    for item, forms in found.items():
        shown = {
            (*form._replace(option_order=""), ordered_codes(BANK.items[item], form.option_order))
            for form in forms
        }
        assert len(forms) == len(shown) == n
    more = draw_forms([*items, "Q2"], n + 3, ENGLISH, bank=BANK, seed=seed)
    assert all(more[item][:n] == forms for item, forms in found.items())


@pytest.mark.parametrize("n", [2, 4, 8])
def test_the_mean_place_of_an_option_is_the_same_for_all(n: int) -> None:
    for item, forms in draw_forms(BANK.items, n, ENGLISH, bank=BANK).items():
        scale = BANK.items[item].scale.codes
        rows = [ordered_codes(BANK.items[item], form.option_order) for form in forms]
        means = [np.mean([row.index(code) for row in rows]) for code in scale]
        assert np.allclose(means, means[0]), item


def test_levels_come_equally_often_over_the_items() -> None:
    named = Allowed(surfaces=("plain", "typos", "polite"))
    allowed = allowed_in(["en", "ja"], named, BANK)
    drawn = draw_forms(BANK.items, 8, allowed, bank=BANK)
    factors = ("wording", "surface", "template", "label_style")
    for group in (2, 4, 6):
        for factor in factors:
            levels = Counter(getattr(forms[group], factor) for forms in drawn.values())
            assert max(levels.values()) - min(levels.values()) <= 3, (group, factor)
            assert len(levels) == len(getattr(allowed, f"{factor}s"))
        for one, other in combinations(factors, 2):
            both = Counter(
                (getattr(forms[group], one), getattr(forms[group], other))
                for forms in drawn.values()
            )
            even = len(BANK.items) / len(both)
            assert max(abs(count - even) for count in both.values()) < 0.5 * even


def test_only_items_without_an_order_begin_with_another_option() -> None:
    drawn = draw_forms(BANK.items, 8, ENGLISH, bank=BANK)
    turned = {
        item for item, forms in drawn.items() if any(":" in form.option_order for form in forms)
    }
    nominal = {
        name
        for name, item in BANK.items.items()
        if item.scale.kind == "nominal" and len(item.scale.codes) > 2
    }
    assert turned == nominal


def test_what_is_named_restricts_what_is_drawn() -> None:
    named = Allowed(
        wordings=("b",), templates=("a", "c"), option_orders=("listed", "rotated:1", "rotated:2"),
        label_styles=("letters",),
    )  # fmt: skip
    allowed = allowed_in(["en"], named, BANK)
    for forms in draw_forms(["Q1", "Q6"], 6, allowed, bank=BANK).values():
        assert {form.wording for form in forms} == {"b"}
        assert {form.label_style for form in forms} == {"letters"}
        assert [form.template for form in forms] == ["a"] * 3 + ["c"] * 3
        assert {form.option_order for form in forms} == set(named.option_orders)
    with pytest.raises(ExperimentError, match=r"forms = 7: Q1 has only 6 that are allowed"):
        draw_forms(["Q1"], 7, allowed, bank=BANK)
    with pytest.raises(ExperimentError, match=r"forms = 0: draw 1 or more"):
        draw_forms(["Q1"], 0, allowed, bank=BANK)


def test_orders_that_show_an_item_alike_count_once() -> None:
    allowed = allowed_in(["en"], Allowed(option_orders=("listed", "reversed", "rotated:1")), BANK)
    drawn = draw_forms(["Q57"], 4, allowed, bank=BANK)["Q57"]
    assert [form.option_order for form in drawn[:2]] == ["listed", "reversed"]
    assert len({form.label_style + form.template + form.wording for form in drawn}) == 2


def test_all_languages_have_the_same_forms() -> None:
    both = allowed_in(["en", "de"], Allowed(), BANK)
    assert both.wordings == ("a",)
    assert both.templates == ("a", "b", "c")
    with pytest.raises(ExperimentError, match=r"wordings: German has no 'b': it has a"):
        allowed_in(["en", "de"], Allowed(wordings=("a", "b")), BANK)
    with pytest.raises(ExperimentError, match=r"templates: English has no 'z'"):
        allowed_in(["en"], Allowed(templates=("z",)), BANK)
    with pytest.raises(ExperimentError, match=r"Thai has one kind of letter, so no 'casing'"):
        allowed_in(["en", "th"], Allowed(surfaces=("casing",)), BANK)
