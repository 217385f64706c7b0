from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.bank import SHIPPED
from doxa.questionnaire.items_file import read_items

if TYPE_CHECKING:
    from pathlib import Path

TOPICS, ITEMS = read_items(SHIPPED / "items.toml")


def test_items_agree_with_the_study(oracle: Path) -> None:
    with (oracle / "items.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["wave7"] for row in rows] == list(ITEMS)
    for row in rows:
        item = ITEMS[row["wave7"]]
        listed = tuple(int(code) for code in row["codes_as_listed"].split())
        assert listed == (item.known_codes if item.id == "Q111" else item.listed)
        asked = {7: row["wave7"], 6: row["wave6"], 5: row["wave5"]}
        assert item.variables == {wave: name for wave, name in asked.items() if name}


def test_what_an_item_measures_is_said_in_our_own_words(oracle: Path) -> None:
    said = [item.measures for item in ITEMS.values()]
    assert all(said)
    assert len({*said}) == len(said)
    with (oracle / "items.csv").open(encoding="utf-8") as file:
        labels = {row["wvs_variable_label"].casefold() for row in csv.DictReader(file)}
    # what cannot be said otherwise
    assert {one for one in said if one.casefold() in labels} <= {"interest in politics"}


def test_scales_are_stated() -> None:
    items = ITEMS.values()
    nominal = {"Q42", "Q111", "Q149", "Q150", "Q173", "Q174", "Q175"}
    assert {item.id for item in items if item.scale.kind == "nominal"} == nominal
    assert {i.id: i.scale.off_scale for i in items if i.scale.off_scale} == {
        "Q119": (0,),
    }
    volunteered = {f"Q{number}" for number in range(241, 250)}
    assert {i.id: i.spontaneous for i in items if i.spontaneous} == {
        "Q111": (3,),
        **dict.fromkeys(volunteered, (0,)),
    }
    for number in range(122, 130):
        assert ITEMS[f"Q{number}"].scale.codes == (0, 1, 2)
        assert ITEMS[f"Q{number}"].listed == (2, 1, 0)
    for item in items:
        assert item.has_bare_steps == (len(item.scale.codes) == 10)


def test_there_are_fourteen_topics() -> None:
    assert len(TOPICS) == 14
    assert {item.topic for item in ITEMS.values()} <= TOPICS.keys()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('scale = "ordinal"', 'scale = "ordered"', "answers.liking: scale kind"),
        ("codes = [1, 2, 3]", "codes = [1]", "needs two codes or more"),
        ("codes =", "code =", "answers.liking.codes: is missing: add it"),
        ("[1, 2, 3]", "[1, 2, 'x']", "holds 'x', which is not a whole number"),
        ("[1, 2, 3]", "[1, 2, 3]\nlist = []", "answers.liking.list: is unknown"),
        ("[1, 2, 3]", "[1, 2, 3]\nlisted = [1, 2]", "must hold each of"),
        ("[1, 2, 3]", "[1, 2, 3]\nlabelled = [7]", "does not fit the codes"),
        ("[1, 2, 3]", "[1, 2, 3]\nspontaneous = [3]", "are offered codes as well"),
        ("[1, 2, 3]", "[1, 2, 3]\npositions = [1, 1, 2]", "do not increase"),
        ('answers = "liking"', 'answers = "love"', "'love' is not an answer set"),
        ("7 =", "seven =", "T1.variables.seven: is not a wave"),
        ("[items.taste]", "[items.smell]", "is not a topic: add smell"),
        ("[topics]", "[topics", "is not TOML"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_remedy(
    folder: Path, old: str, new: str, message: str
) -> None:
    path = folder / "items.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as caught:
        read_items(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
