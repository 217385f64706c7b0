from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import RecordingError
from doxa.harness.key import FORMAT, Key, question_hash
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
KEY = Key("Q57", Condition("en"), "logprobs", ("A", "B"), (2, 1), 1, ("Q32",), "c0ffee")


@given(
    st.builds(
        replace,
        st.just(KEY),
        condition=st.builds(
            Condition,
            st.sampled_from(["en", "ja"]),
            steering=st.sampled_from(["none", "time-6"]),
            option_order=st.sampled_from(["listed", "seed:3"]),
            n_examples=st.integers(0, 9),
        ),
        elicitation=st.sampled_from(["verbalized", "sequence"]),
        draws=st.integers(1, 99),
        examples=st.tuples(st.sampled_from(["Q1", "Q2"])) | st.just(()),
        baseline=st.booleans(),
        form=st.sampled_from(["", "chat", "base"]),
    )
)
def test_a_key_comes_back_whole(key: Key) -> None:
    assert Key.from_dict(key.to_dict(), "here") == key


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": FORMAT + 1}, "format 2, and this version reads up to 1: install a newer doxa"),
        ({"format": "1"}, "its format is '1': export the tasks again"),
        ({"labels": "AB"}, "labels is not a list"),
        ({"labels": ["A", "A"]}, "2 labels, some alike, for 2 codes"),
        ({"codes": [1, 2, 3]}, "for 3 codes"),
        ({"codes": [1, "2"]}, "not different whole numbers"),
        ({"elicitation": "guess"}, "no elicitation 'guess'"),
        ({"draws": 0}, "draws is 0"),
        ({"language": 3}, "language is '3'"),
        ({"steering": "persona"}, "needs a target"),
    ],
)
def test_a_key_that_cannot_be_right_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(RecordingError, match=f"^a, line 1: doxa .*{says}"):
        Key.from_dict(KEY.to_dict() | changes, "a, line 1")


def test_a_key_that_lacks_something_says_what() -> None:
    later = {"wording", "surface", "group"}
    for name in KEY.to_dict().keys() - later:
        found = KEY.to_dict()
        del found[name]
        with pytest.raises(RecordingError, match=name):
            Key.from_dict(found, "here")
    with pytest.raises(RecordingError, match="not an object"):
        Key.from_dict([], "here")
    earlier = {name: value for name, value in KEY.to_dict().items() if name not in later}
    assert Key.from_dict(earlier, "here") == KEY


def test_the_hash_of_a_question_changes_with_its_words() -> None:
    hashes = {
        question_hash(item, language, BANK) for item in BANK.items for language in ("en", "ja")
    }
    assert len(hashes) == 2 * len(BANK.items)
    assert question_hash("Q1", "xx", BANK) == ""


def test_a_prompt_of_a_key_has_what_reading_needs() -> None:
    prompt = KEY.prompt("s", "u", "Answer: ")
    assert (prompt.labels, prompt.codes, prompt.draws) == (("A", "B"), (2, 1), 1)
    assert prompt.reply_starts == {"logprobs": "Answer: "}


def test_a_calibration_names_the_row_that_it_calibrates() -> None:
    assert replace(KEY, baseline=True).question == KEY == KEY.question
