from __future__ import annotations

import pytest

from doxa.questionnaire import QuestionBank
from doxa.survey.countries import alpha_3, known_countries, numeric_code


@pytest.mark.parametrize(
    ("value", "code"),
    [("Russia", "RUS"), ("Korea", "KOR"), ("Vietnam", "VNM"), ("jp", "JPN"), (4, "AFG"),
     ("004", "AFG"), (909, "NIR"), ("Great Britain", "GBR"), ("Taiwan ROC", "TWN"), ("", None),
     ("Utopia", None), (999, None)],
)  # fmt: skip
def test_codes_and_names(value: str | int, code: str | None) -> None:
    assert alpha_3(value) == code


def test_every_country_of_the_questionnaire_is_known_by_its_name() -> None:
    for code, country in QuestionBank.load().countries.items():
        assert alpha_3(country.name) == alpha_3(code) == alpha_3(numeric_code(code)) == code
    assert len(known_countries()) > 240
