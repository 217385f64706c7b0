from __future__ import annotations

from pathlib import Path

from own_questionnaire import TOML

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.own_text import own_text

WHERE = Path("x.toml")


def test_what_is_written_reads_alike_and_is_written_alike() -> None:
    bank = QuestionBank.of_text(TOML, WHERE)
    text = own_text(bank)
    again = QuestionBank.of_text(text, WHERE)
    assert own_text(again) == text
    assert again.topics == bank.topics
    assert [item.scale for item in again.items.values()] == [i.scale for i in bank.items.values()]
    assert again.items["matter"].measures == "weight of work in life"
    assert own_text(bank, ["es"]).splitlines()[4] == 'text = { es = "¿Trabajar en casa?" }'


def test_the_survey_itself_can_be_written() -> None:
    shipped = QuestionBank.load()
    written = QuestionBank.of_text(own_text(shipped, ["en", "ar"]), WHERE)
    for name, item in shipped.items.items():
        assert written.items[name].scale == item.scale
        assert written.items[name].spontaneous == item.spontaneous
        for language in ("en", "ar"):
            one, two = shipped.question(name, language), written.question(name, language)
            assert (one.text, one.labels, one.listed_codes) == (
                two.text,
                two.labels,
                two.listed_codes,
            )
