from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.items_file import read_items
from doxa.questionnaire.language import UNREVIEWED, Review
from doxa.questionnaire.language_file import read_language

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire import Language

TEXT = '"How much do you like tea?"'


def edited(folder: Path, old: str, new: str) -> Language:
    path = folder / "en.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return read_language(path, "en", read_items(folder / "items.toml")[1])


def test_countries_and_prompt_texts_may_be_left_out(folder: Path) -> None:
    language = edited(folder, "Somewhat", "Rather")
    assert language.questions["T1"].labels == ("A lot", "Rather", "Not at all")
    assert (language.code, language.name, language.script) == ("en", "English", "Latn")
    assert (language.countries, language.prompt) == ({}, {})


def test_an_item_may_have_labels_of_its_own(folder: Path) -> None:
    own = '{ text = "Tea?", answers = ["Yes", "Perhaps", "No"] }'
    assert edited(folder, TEXT, own).questions["T1"].label(2) == "Perhaps"


def test_an_item_may_lack_wording(folder: Path) -> None:
    assert edited(folder, f"T1 = {TEXT}", "").questions == {}


def test_a_prompt_text_is_one_text_or_one_for_each_variant(folder: Path) -> None:
    prompt = '[prompt]\nanswer = "Answer: "\n[prompt.instruction]\na = "Reply."\n[items]'
    read = edited(folder, "[items]", prompt).prompt
    assert read == {"answer": "Answer: ", "instruction": {"a": "Reply."}}


WHOLE = f"T1 = {TEXT}"
REVIEWED = 'review = "back-read"\nreaders = 2\nreviewed = 2026-11-30\n[answers]'


@pytest.mark.parametrize(
    ("stem", "words", "text"),
    [
        ("How much do you like {item}?", '"tea"', "How much do you like tea?"),
        ("{item}はどのくらい好きですか。", '"お茶"', "お茶はどのくらい好きですか。"),
        ("إلى أي حد تحب {item}؟", '"الشاي"', "إلى أي حد تحب الشاي؟"),
        ("One drinks a lot. {item}", '"Is it tea?"', "One drinks a lot. Is it tea?"),
    ],
)
def test_a_stem_is_joined_to_the_words_of_an_item_as_it_stands(
    folder: Path, stem: str, words: str, text: str
) -> None:
    battery = f'[batteries.drinks]\nstem = "{stem}"\nT1 = {words}'
    assert edited(folder, WHOLE, battery).questions["T1"].text == text


def test_an_item_of_a_battery_may_have_labels_of_its_own(folder: Path) -> None:
    words = '{ text = "tea", answers = ["Yes", "Perhaps", "No"] }'
    question = edited(folder, WHOLE, f'[batteries.a]\nstem = "{{item}}?"\nT1 = {words}').questions
    assert (question["T1"].text, question["T1"].label(1)) == ("tea?", "Yes")


def test_a_language_states_its_review(folder: Path) -> None:
    read = edited(folder, "[answers]", REVIEWED)
    assert read.review == Review("back-read", 2, date(2026, 11, 30))


def test_without_a_word_about_it_there_was_no_review(folder: Path) -> None:
    assert edited(folder, "Somewhat", "Rather").review == UNREVIEWED


WORDED = """
[wordings]
review = "author"
readers = 0
reviewed = 2026-11-30
[wordings.b]
T1 = "How fond are you of tea?"
[items]"""


def test_further_wordings_are_read_with_their_own_review(folder: Path) -> None:
    read = edited(folder, "[items]", WORDED)
    assert read.wordings == {"b": {"T1": "How fond are you of tea?"}}
    assert read.wordings_review == Review("author", 0, date(2026, 11, 30))
    assert read.review == UNREVIEWED


def test_further_wordings_may_be_left_out(folder: Path) -> None:
    read = edited(folder, "Somewhat", "Rather")
    assert (read.wordings, read.wordings_review) == ({}, UNREVIEWED)


def test_what_the_author_is_not_sure_of_is_kept_with_its_reason(folder: Path) -> None:
    unsure = '[uncertain]\nT1 = "two words for tea"\nliking = "too strong"\n[answers]'
    assert edited(folder, "[answers]", unsure).uncertain == {
        "T1": "two words for tea",
        "liking": "too strong",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("T1 =", "T2 =", "items.T2: is unknown: remove it or correct its spelling"),
        ('"Somewhat", ', "", "give each its words"),
        ("liking =", "loving =", "answers.loving: is not an answer set"),
        ('liking = ["A lot", "Somewhat", "Not at all"]', "", "needs the labels of liking"),
        ('"ltr"', '"down"', "language.direction: is 'down': write ltr or rtl"),
        ('code = "en"', 'code = "fr"', "make them agree"),
        (TEXT, '" "', "items.T1: is empty"),
        ("[items]", "[extra]\n[items]", "extra: is unknown"),
        (WHOLE, '[batteries.a]\nT1 = "tea"', "batteries.a.stem: is missing"),
        (WHOLE, '[batteries.a]\nstem = "Tea?"\nT1 = "tea"', "a.stem: must hold {item} once"),
        (WHOLE, '[batteries.a]\nstem = "{item} {T1}"\nT1 = "tea"', "and no other brace"),
        (WHOLE, f'{WHOLE}\n[batteries.a]\nstem = "{{item}}?"\nT1 = "tea"', "a.T1: is worded twice"),
        (WHOLE, '[batteries.a]\nstem = "{item}?"\nT2 = "tea"', "batteries.a.T2: is unknown"),
        ("[answers]", REVIEWED.replace("back-", "well-"), "language.review: is 'well-read': write"),
        ("[answers]", REVIEWED.replace("2\n", "0\n"), "readers: is 0: count those who read it"),
        ("[answers]", REVIEWED.replace("2026-11-30", "2026"), "reviewed: is 2026, not a date"),
        ("[answers]", REVIEWED.replace("readers", "reader"), "language.readers: is missing"),
        ("[answers]", REVIEWED.replace("back-read", "author"), "language.review: is 'author'"),
        ("[items]", WORDED.replace("= 0", "= 1"), "wordings.readers: is 1: count those who read"),
        ("[items]", WORDED.replace("author", "native"), "wordings.readers: is 0: count those"),
        ("[items]", WORDED.replace("gs.b", "gs.a"), "wordings.a: is no wording's name: a is the"),
        ("[items]", WORDED.replace("gs.b", "gs.formal"), "wordings.formal: is no wording's name"),
        ("[items]", WORDED.replace("T1", "T2"), "wordings.b.T1: is missing: add it"),
        ("[items]", WORDED.replace("T1", 'T2 = "x"\nT1'), "wordings.b.T2: is unknown: remove it"),
        ("[answers]", '[uncertain]\nT7 = "x"\n[answers]', "uncertain.T7: is no item, answer set"),
        ("[answers]", "[uncertain]\nT1 = true\n[answers]", "uncertain.T1: is True, not text"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_remedy(
    folder: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(QuestionnaireError) as caught:
        edited(folder, old, new)
    assert str(caught.value).startswith(str(folder / "en.toml"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
