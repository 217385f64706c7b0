from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from own_questionnaire import TOML

from doxa.errors import QuestionnaireError
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.own import own_of_text

MINE = Path("mine.toml")


def test_a_file_becomes_a_bank(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TOML, encoding="utf-8")
    bank = QuestionBank.load(tmp_path / "mine.toml")
    assert (bank.name, bank.languages, bank.is_own) == ("Working life", ("en", "es"), True)
    assert [*bank.items] == ["home", "best", "matter"]
    assert [*bank.topics] == ["Place", "Working life"]
    assert bank.items["home"].scale.positions == (1, 2, 4, 5)
    assert bank.question("home", "es").label(4) == "Muy en desacuerdo"
    assert bank.question("best", "en").label(8) == "Hard to say"
    assert bank.question("matter", "en").labels == ("Not at all", "", "", "Very much")
    assert bank.items_for("es") == ("home",)
    with pytest.raises(QuestionnaireError, match=r"mine\.toml: item best has no wording: add it"):
        bank.question("best", "es")
    assert bank.language("en").wordings == {}, "the survey's further wordings ask its own items"
    same = pickle.loads(pickle.dumps(bank))
    assert same.question("home", "es") == bank.question("home", "es")
    prompt = render("best", Condition("en", n_examples=0), bank=bank)
    assert prompt.user.endswith("1: At home\n2: In an office\n3: Hard to say")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "Working life"', "", "questionnaire.name: is missing: add it"),
        ('language = "en"', "", "items.best.text: does not say its language: write"),
        ("codes = [1, 2, 3, 4]", "codes = [1, 2, 3]", "4 positions for 3 codes"),
        ("off_scale = [8]", "off_scale = [200]", "holds 200: codes go from 0 to 126"),
        ('"Hard to say"]', '"Hard to say", "Oh"]', "labels: are .* for the codes .1, 2, 8."),
        ('"In an office"', '"At home"', "items.best.labels: hold 'At home' twice in en"),
        ('answers = "agreement"', 'answers = "agree"', "'agree' is not an answer set: add"),
        ("[items.home]", '[items."the home"]', "is no name for an item: use letters"),
        ("labels.es = ", "labels.fr = ", "labels: has none in es, in which home is worded"),
        ("[items.best]", "[items.best]\nlabel = 1", "items.best.label: is unknown"),
        ("[items.home]", "[answers.b]\nscale = 'nominal'\ncodes = [1, 2]\nlabels = ['a', 'b']\n"
         "[items.home]",
         "answers.b: is used by no item"),
        ("[items.home]", "[items.home", "its questionnaire is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_remedy(old: str, new: str, says: str) -> None:
    with pytest.raises(QuestionnaireError, match=f"^mine.toml.*{says}"):
        own_of_text(TOML.replace(old, new, 1), MINE)


def test_no_items_and_unknown_languages() -> None:
    with pytest.raises(QuestionnaireError, match="items: is empty: describe an item"):
        own_of_text('[questionnaire]\nname = "x"\n[items]\n', MINE)
    with pytest.raises(QuestionnaireError, match="home is worded in 'tlh', in which doxa has no"):
        QuestionBank.of_text(
            TOML.replace("labels.es", "labels.tlh").replace(", es =", ", tlh ="), MINE
        )
    with pytest.raises(QuestionnaireError, match="cannot be read"):
        QuestionBank.load("/none.toml")


def test_the_survey_in_other_words_is_no_questionnaire_of_ones_own() -> None:
    shipped = QuestionBank.load()
    assert not QuestionBank.load(shipped.path).is_own
    assert QuestionBank.of_text(TOML.replace("items.home", "items.Q1"), MINE).is_own
    assert shipped.default_language == "en"
    spanish = TOML.replace('language = "en"', 'language = "es"').replace("labels.en", "labels.fr")
    spanish = spanish.replace('text = { en = "Should all work at home?", ', "text = { ")
    assert (
        QuestionBank.of_text(spanish.replace("labels.fr", "labels.de"), MINE).default_language
        == "es"
    )
