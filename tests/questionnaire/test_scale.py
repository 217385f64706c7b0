from __future__ import annotations

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import Scale


def test_positions_are_equal_steps_unless_they_are_given() -> None:
    assert Scale("ordinal", (2, 1, 0)).positions == (1.0, 2.0, 3.0)
    assert Scale("ordinal", (2, 1, 0), (0.0, 0.5, 4.0)).positions == (0.0, 0.5, 4.0)
    assert Scale("nominal", (1, 2)).positions == (1.0, 2.0)


def test_codes_off_the_scale_come_last_and_have_no_position() -> None:
    scale = Scale("ordinal", (1, 2, 3), off_scale=(0,))
    assert scale.all_codes == (1, 2, 3, 0)
    assert len(scale.positions) == 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "ordered"}, "scale kind 'ordered' is neither ordinal nor nominal"),
        ({"codes": (1,)}, r"needs two codes or more, not \(1,\)"),
        ({"codes": (1, 1)}, r"codes are repeated in \(1, 1\)"),
        ({"off_scale": (2,)}, r"codes are repeated in \(1, 2, 2\)"),
        ({"positions": (1.0,)}, "1 positions for 2 codes: give one each"),
        ({"positions": (1.0, 1.0)}, r"positions \(1.0, 1.0\) do not increase"),
        ({"kind": "nominal", "positions": (1.0, 2.0)}, "a nominal scale cannot have positions"),
    ],
)
def test_what_is_not_a_scale_is_an_error(fields: dict[str, object], message: str) -> None:
    with pytest.raises(QuestionnaireError, match=message):
        Scale(**({"kind": "ordinal", "codes": (1, 2)} | fields))  # type: ignore[arg-type]
