from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from doxa.outside.written import some_of, toml_key, toml_value

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"))


@given(st.dictionaries(TEXT.filter(bool), TEXT | st.integers(-9, 9) | st.lists(TEXT)))
def test_what_is_written_comes_back(table: dict[str, object]) -> None:
    lines = "\n".join(f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items())
    assert tomllib.loads(lines) == table


def test_some_are_named_and_the_others_counted() -> None:
    assert some_of([]) == ""
    assert some_of(["a"], 1) == "a"
    assert some_of([1, 2, 3], 1) == "1 and 2 more"
