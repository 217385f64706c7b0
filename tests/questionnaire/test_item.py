from __future__ import annotations

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import Item, Scale

SCALE = Scale("ordinal", codes=(1, 2, 3), off_scale=(0,))


def test_omitted_fields_follow_the_scale() -> None:
    item = Item("T1", "taste", "liking", SCALE, {7: "T1"})
    assert item.listed == item.labelled == (1, 2, 3, 0)
    assert not item.has_bare_steps
    assert hash(item) == hash(Item("T1", "taste", "liking", SCALE, {6: "V1"}))


def test_steps_without_words_are_bare() -> None:
    item = Item("T1", "taste", "liking", SCALE, {}, labelled=(1, 3, 0))
    assert item.has_bare_steps


def test_variables_cannot_be_changed() -> None:
    variables = {7: "T1"}
    item = Item("T1", "taste", "liking", SCALE, variables)
    variables[6] = "V1"
    assert item.variables == {7: "T1"}
    with pytest.raises(TypeError):
        item.variables[6] = "V1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"listed": (1, 2)}, r"listed \(1, 2\) must hold each of \(1, 2, 3, 0\) once"),
        ({"labelled": (1, 1)}, r"labelled \(1, 1\) does not fit"),
        ({"labelled": (7,)}, r"labelled \(7,\) does not fit"),
        ({"spontaneous": (0,)}, r"spontaneous \(0,\) are offered codes as well"),
    ],
)
def test_codes_that_do_not_fit_are_an_error(fields: dict[str, object], message: str) -> None:
    with pytest.raises(QuestionnaireError, match=message):
        Item("T1", "taste", "liking", SCALE, {}, **fields)  # type: ignore[arg-type]
