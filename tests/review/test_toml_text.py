from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa.questionnaire import QuestionBank
from doxa.review.toml_text import TomlText

BANK = QuestionBank.load()
FILE = """# ours

[language]
code = "en"
[answers]
# two ends
liking = [
  "A lot",  # the first
  "A little",
]
short = ["Yes", "No"]  # never more

# items
[items]
Q1 = { text = "Tea?", answers = ["Yes", "No"] }
"Q2" = "Coffee # or milk?"  # a comment
"""


@pytest.mark.parametrize("code", BANK.languages)
def test_a_file_that_is_not_changed_stays_as_it_is(code: str) -> None:
    text = BANK.language(code).path.read_text(encoding="utf-8")
    assert str(TomlText(text)) == text


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(BANK.languages), st.data())
def test_a_change_touches_its_key_alone(code: str, data: st.DataObject) -> None:
    text = BANK.language(code).path.read_text(encoding="utf-8")
    held = tomllib.loads(text)
    table = data.draw(st.sampled_from(["answers", "items", "prompt"]))
    keys = [key for key, value in held[table].items() if not isinstance(value, dict)]
    key = data.draw(st.sampled_from(keys))
    words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    new = data.draw(st.lists(words, min_size=2) if isinstance(held[table][key], list) else words)
    file = TomlText(text)
    file.set(table, key, new)
    assert tomllib.loads(str(file)) == held | {table: held[table] | {key: new}}
    file.set(table, key, held[table][key])
    assert str(file) == text


def test_comments_and_layout_are_kept() -> None:
    file = TomlText(FILE)
    file.set("answers", "liking", ["Much", "Little"])
    file.set("answers", "short", ["No", "Yes"])
    file.set("items", "Q2", 'Milk? "#"')
    file.set("language", "reviewed", date(2026, 11, 30))
    file.set("language", "readers", 2)
    assert str(file) == FILE.replace(
        '  "A lot",  # the first\n  "A little",\n', '  "Much",\n  "Little",\n'
    ).replace('["Yes", "No"]  #', '["No", "Yes"]  #').replace(
        '"Q2" = "Coffee # or milk?"', 'Q2 = "Milk? \\"#\\""'
    ).replace('code = "en"\n', 'code = "en"\nreviewed = 2026-11-30\nreaders = 2\n')  # fmt: skip


def test_a_new_table_comes_after_the_head_and_goes_when_it_is_empty() -> None:
    file = TomlText(FILE)
    file.set("uncertain", "Q1", "two words")
    assert '\n[uncertain]\nQ1 = "two words"\n\n[answers]\n' in str(file)
    file.set("uncertain", "Q2", "why")
    assert tomllib.loads(str(file))["uncertain"] == {"Q1": "two words", "Q2": "why"}
    file.remove("uncertain", "Q1")
    file.remove("uncertain", "Q2")
    assert tomllib.loads(str(file)) == tomllib.loads(FILE)
