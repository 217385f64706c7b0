from __future__ import annotations

import csv
import difflib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.language_file import read_language
from doxa.review.corrections import take_sheet

from .filled import BANK, filled

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire import Language
    from doxa.review.corrections import Taken

ON = date(2026, 12, 1)


def take(folder: Path, sheet: Path, *, native: bool = False) -> Taken:
    return take_sheet(
        sheet, BANK, record=folder / "record", on=ON, reviewer="Anne", native=native,
        out=folder / "out",
    )  # fmt: skip


def read(folder: Path, code: str) -> Language:
    return read_language(folder / "out" / f"{code}.toml", code, BANK.items)


def changed_lines(folder: Path, code: str) -> list[str]:
    before = BANK.language(code).path.read_text(encoding="utf-8").splitlines()
    after = (folder / "out" / f"{code}.toml").read_text(encoding="utf-8").splitlines()
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


def record(folder: Path, code: str) -> list[dict[str, str]]:
    with (folder / "out" / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_corrections_go_into_the_file_and_nothing_else_changes(tmp_path: Path) -> None:
    stem = BANK.question("Q58", "en").text.replace("your family", "{item}")
    sheet = filled(
        tmp_path, "en",
        {"Id": "Q58", "Better text": stem.replace("{item}", "your own family")},
        {"Id": "Q46", "Better text": "How happy would you say you are?"},
        {"Id": "answers.happiness", "Better options": "2 = Quite happy"},
        {"Id": "countries.JPN", "Better options": "people = those who live in Japan"},
        {"Id": "prompt.answer", "Better text": "Reply:"},
        {"Id": "prompt.instruction.a", "Better text": "A survey. No answer is right or wrong."},
        {"Id": "Q1", "Right?": "yes", "Comment": "fine"},
    )  # fmt: skip
    taken = take(tmp_path, sheet)
    assert len(taken.changed) == 6
    assert (taken.confirmed, taken.stale, taken.complete) == (["Q1"], [], False)
    language = read(tmp_path, "en")
    assert language.questions["Q58"].text == "How far do you trust your own family?"
    assert language.questions["Q46"].labels[1] == "Quite happy"
    assert language.countries["JPN"].people == "those who live in Japan"
    assert language.prompt["answer"] == "Reply: "
    lines = changed_lines(tmp_path, "en")
    assert len(lines) == 12
    assert '+ Q58 = "your own family"' in lines
    rows = record(tmp_path, "en")
    assert [row["verdict"] for row in rows].count("changed") == 6
    [happy] = [row for row in rows if row["item"] == "Q46"]
    assert happy["change"].endswith(
        "→ How happy would you say you are? / Very happy | "
        "Rather happy | Not very happy | Not at all happy"
    )
    assert (happy["reviewer"], happy["date"]) == ("Anne", "2026-12-01")


def test_the_words_of_groups_are_corrected_as_others_are(tmp_path: Path) -> None:
    sheet = filled(
        tmp_path, "en",
        {"Id": "groups.sex", "Better options": "female = a woman"},
        {"Id": "groups.age", "Right?": "unsure", "Comment": "or: aged"},
    )  # fmt: skip
    taken = take(tmp_path, sheet)
    assert (taken.changed, taken.unsure) == (["groups.sex"], ["groups.age"])
    language = read(tmp_path, "en")
    assert dict(language.groups["sex"]) == {"name": "sex", "male": "male", "female": "a woman"}
    assert language.uncertain["age"] == "or: aged"


def test_words_for_ages_keep_their_braces(tmp_path: Path) -> None:
    sheet = filled(tmp_path, "en", {"Id": "groups.age", "Better options": "over = old"})
    with pytest.raises(QuestionnaireError, match=r"groups\.age\.over: must hold \{from\}"):
        take(tmp_path, sheet)


def test_a_further_wording_is_corrected_and_doubted_under_its_item(tmp_path: Path) -> None:
    sheet = filled(
        tmp_path, "en",
        {"Id": "wordings.b.Q46", "Better text": "How happy are you these days?"},
        {"Id": "wordings.c.Q57", "Right?": "unsure", "Comment": "wording c is long"},
    )  # fmt: skip
    take(tmp_path, sheet)
    assert read(tmp_path, "en").worded("Q46", "b").text == "How happy are you these days?"
    assert read(tmp_path, "en").uncertain["Q57"] == "wording c is long"
    assert len(changed_lines(tmp_path, "en")) == 5


def test_an_item_that_leaves_its_stem_is_written_whole(tmp_path: Path) -> None:
    sheet = filled(tmp_path, "en", {"Id": "Q58", "Better text": "Do you trust your family?"})
    take(tmp_path, sheet)
    assert read(tmp_path, "en").questions["Q58"].text == "Do you trust your family?"
    assert changed_lines(tmp_path, "en") == [
        '+ Q58 = "Do you trust your family?"',
        '- Q58 = "your family"',
    ]


def test_a_stem_changes_all_its_items_and_an_item_may_have_its_own_labels(tmp_path: Path) -> None:
    sheet = filled(
        tmp_path, "en",
        {"Id": "Q59", "Better options": "1 = Wholly"},
        {"Id": "batteries.trust", "Better text": "Do you trust {item}?"},
    )  # fmt: skip
    take(tmp_path, sheet)
    questions = read(tmp_path, "en").questions
    assert questions["Q58"].text == "Do you trust your family?"
    assert questions["Q59"].text == "Do you trust the people in your neighbourhood?"
    assert questions["Q59"].labels[:2] == ("Wholly", "Trust somewhat")
    assert questions["Q58"].labels[0] == "Trust completely"


def test_rows_whose_text_changed_since_are_named_and_not_taken(tmp_path: Path) -> None:
    old = {"Id": "Q1", "Right?": "yes", "Hash": "h0"}
    taken = take(tmp_path, filled(tmp_path, "en", old, {"Id": "Q2", "Right?": "yes"}))
    assert (taken.stale, taken.confirmed) == (["Q1"], ["Q2"])
    assert "not taken, for their words have changed" in taken.report()
    assert "Q1" not in {row["item"] for row in record(tmp_path, "en")}


def test_a_doubt_is_written_and_a_native_speaker_settles_one(tmp_path: Path) -> None:
    doubted = next(item for item in BANK.language("ur").uncertain if item.startswith("Q"))
    sheet = filled(
        tmp_path, "ur",
        {"Id": doubted, "Right?": "yes"},
        {"Id": "Q1", "Right?": "unsure", "Comment": "said otherwise in the north"},
        {"Id": "batteries.belief", "Right?": "unsure", "Comment": "too old"},
    )  # fmt: skip
    taken = take(tmp_path, sheet, native=True)
    assert taken.unsure == ["batteries.belief", "Q1"]
    uncertain = read(tmp_path, "ur").uncertain
    assert uncertain["Q1"] == "said otherwise in the north"
    assert uncertain["Q165"] == "too old"
    assert doubted not in uncertain
    take(tmp_path, filled(tmp_path, "ur", {"Id": doubted, "Right?": "yes"}))
    assert doubted in read(tmp_path, "ur").uncertain


def test_the_file_states_a_review_of_every_text(tmp_path: Path) -> None:
    sheet = filled(tmp_path, "ja", everywhere="yes")
    taken = take(tmp_path, sheet, native=True)
    assert taken.complete
    assert "every text was read" in taken.report()
    new = [line for line in changed_lines(tmp_path, "ja") if line.startswith("+")]
    assert new == ['+ review = "native"', f"+ readers = {BANK.language('ja').review.readers + 1}",
                   "+ reviewed = 2026-12-01", '+ review = "native"',
                   f"+ readers = {BANK.language('ja').wordings_review.readers + 1}",
                   "+ reviewed = 2026-12-01"]  # fmt: skip
    assert read(tmp_path, "ja").wordings_review.kind == "native"
    before, after = BANK.language("ja").review, read(tmp_path, "ja").review
    assert (after.kind, after.readers, after.date) == ("native", before.readers + 1, ON)
    (tmp_path / "record").mkdir()
    (tmp_path / "out" / "ja.csv").rename(tmp_path / "record" / "ja.csv")
    again = take(tmp_path, sheet, native=True)
    assert (again.recorded, again.complete) == (0, False)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"Id": "Q999", "Right?": "yes"}, "is no text of this language"),
        ({"Id": "Q46", "Better options": "7 = Happy"}, "no option 7; there are: 1, 2, 3, 4"),
        ({"Id": "answers.trust", "Better text": "Trust"}, "has options alone"),
        ({"Id": "answers.trust", "Better options": "1 = Trust somewhat"}, "two options alike"),
        ({"Id": "Q46", "Better text": "From 1 to 4, how happy?"}, "Q46 holds a digit: use words"),
        ({"Id": "wordings.b.Q46", "Better text": "From 1 to 4?"}, "Q46 holds a digit: use words"),
        ({"Id": "prompt.persona", "Better text": "You are one."}, r"must hold \{people\}"),
        ({"Id": "batteries.trust", "Better text": "Trust?"}, r"must hold \{item\} once"),
    ],
)
def test_nothing_is_written_unless_every_row_is_valid(
    tmp_path: Path, row: dict[str, str], message: str
) -> None:
    sheet = filled(tmp_path, "en", row, {"Id": "Q1", "Right?": "yes"})
    with pytest.raises(QuestionnaireError, match=message) as caught:
        take(tmp_path, sheet)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
