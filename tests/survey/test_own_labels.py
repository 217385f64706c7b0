from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import SurveyError
from doxa.survey.layout import Variable
from doxa.survey.own_labels import UnknownLabel, read_labels, write_labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def test_settled_labels_hold_for_their_item_or_everywhere(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[Q1]\n"Quite so" = 2\n"9" = -2\n[everywhere]\n"Ikke svar" = -2\n', "utf-8")
    own = read_labels(path, items)
    assert own.of("Q1") == {"ikke svar": -2, "quite so": 2, "9": -2}
    assert own.of("Q2") == {"ikke svar": -2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[Q1]\n"So" = 9\n', r"Q1.So: is 9: write one of -5, -4, -3, -2, -1, 1, 2, 3, 4"),
        ('[Q1]\n"So" = "2"\n', "Q1.So: is '2', not a whole number"),
        ('[Q1]\n"So" = 2\n"so!" = 3\n', "is there twice, with two codes"),
        ('[everywhere]\n"So" = 2\n', "write one of -5, -4, -3, -2, -1"),
        ('[Q999]\n"So" = 2\n', "Q999: is not an item"),
        ("So = 2\n", "So: is 2, not a table"),
        ("[", "is not TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(
    items: Mapping[str, Item], tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyError, match=message) as caught:
        read_labels(path, items)
    assert "\n" not in str(caught.value)


def test_what_is_to_settle_is_written_with_suggestions_and_can_be_completed(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "my.toml"
    one = UnknownLabel.of(items["Q1"], Variable("Q1"), 'Very "importent"', 3)
    assert one.nearest == {"Very important": 1, "Not very important": 3}
    assert str(one) == (
        """Q1: 'Very "importent"' (3), like 'Very important' = 1, 'Not very important' = 3"""
    )
    odd = UnknownLabel.of(items["Q18"], Variable("Q18"), "Zzz", 1)
    assert str(odd) == "Q18: 'Zzz' (1)"
    assert len(str(UnknownLabel.of(items["Q18"], Variable("Q18"), "Zzz" * 10**5, 1))) < 200
    write_labels(path, [("a.xlsx", one), ("b.xlsx", one), ("b.xlsx", odd)], items)
    text = path.read_text(encoding="utf-8")
    assert '# "Very \\"importent\\"" = 1  # 3 in a.xlsx, 3 in b.xlsx; \'Very important\'' in text
    assert read_labels(path, items).of("Q1") == {}
    path.write_text(text.replace('\n# "', '\n"'), encoding="utf-8")
    assert read_labels(path, items).of("Q1") == {"very importent": 1}
    assert read_labels(path, items).of("Q18") == {"zzz": -5}
    with pytest.raises(SurveyError, match="exists: name a new file"):
        write_labels(path, [("a.xlsx", one)], items)
