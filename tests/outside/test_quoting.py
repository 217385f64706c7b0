from __future__ import annotations

import json
import re
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.outside.quoting import (
    file_name,
    from_cell,
    from_cells,
    in_script,
    latex,
    shown,
    to_cell,
    to_cells,
)

ANY_TEXT = st.text(st.characters(), max_size=30)


@given(ANY_TEXT)
def test_what_a_terminal_would_obey_is_shown(text: str) -> None:
    safe = shown(text)
    assert shown(safe) == safe
    for character in safe:
        assert character in "\n\t" or unicodedata.category(character) not in (
            "Cc",
            "Cs",
            "Zl",
            "Zp",
        )
        assert unicodedata.bidirectional(character) not in (
            "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        )  # fmt: skip


@given(ANY_TEXT)
def test_json_that_is_shown_stays_the_same_json(text: str) -> None:
    assert json.loads(shown(json.dumps([text], ensure_ascii=False))) == [text]


def test_marks_that_persian_and_hindi_need_stay() -> None:
    text = "می\u200cخواهم क्\u200dष \u200f"
    assert shown(text) == text


@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@'\t1"), max_size=6)))
def test_cells_are_no_formulas_and_can_be_read_back(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    cells = to_cells(frame)
    for cell in cells["text"]:
        is_number = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", cell, re.ASCII)
        assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert from_cells(cells).equals(frame)
    assert cells["text"].to_list() == list(map(to_cell, texts))
    assert list(map(from_cell, map(to_cell, texts))) == texts


def test_numbers_stay_numbers_and_missing_stays_missing() -> None:
    frame = pl.DataFrame({"n": [-1.5, None], "text": ["-2", None], "list": [[-1], [2]]})
    assert to_cells(frame).equals(frame)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("50% of R&D_x", r"50\% of R\&D\_x"),
        ("\x1b[31mred", r"\textbackslash{}u001b{[}31mred"),
        ("[2pt] *", r"{[}2pt] {*}"),
        ("a\n\tb", "a b"),
        (
            "x < y > z | ~ ^",
            r"x \textless{} y \textgreater{} z \textbar{} \textasciitilde{} \textasciicircum{}",
        ),
    ],
)
def test_latex_prints_the_text_as_it_is(text: str, written: str) -> None:
    assert latex(text) == written


COMMANDS = re.compile(
    r"\\text(backslash|asciitilde|asciicircum|less|greater|bar)\{\}|\\([&%$#_{}])|\{(\[|\*)\}"
)
MEANT = {
    "backslash": "\\", "asciitilde": "~", "asciicircum": "^", "less": "<", "greater": ">",
    "bar": "|",
}  # fmt: skip


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_latex_reads_as_it_was(text: str) -> None:
    written = latex(text)
    assert not set("&%$#_{}~^\\<>|[*") & set(COMMANDS.sub("", written))
    assert COMMANDS.sub(lambda found: MEANT.get(found[1]) or found[2] or found[3], written) == text


@given(st.lists(ANY_TEXT))
def test_json_in_a_script_cannot_end_it_and_stays_the_same_json(texts: list[str]) -> None:
    written = in_script(["</script><!--", *texts])
    assert "<" not in written
    assert json.loads(written) == ["</script><!--", *texts]


@given(st.lists(ANY_TEXT, min_size=1, max_size=3))
def test_a_file_name_is_taken_by_every_system(parts: list[str]) -> None:
    name = file_name("map", *parts)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,140}", name)
    assert not name.startswith(".")
    assert not name.endswith(".")


def test_different_things_have_different_file_names() -> None:
    texts = [
        "a/b",
        "a-b",
        "a b",
        "a\\b",
        "a:b",
        "x" * 200,
        "x" * 201,
        "con",
        "CON",
        "nul.txt",
        "日",
        "本",
    ]
    names = [file_name(text) for text in texts]
    assert len({name.casefold() for name in names}) == len(texts)
    assert not {"con", "nul.txt"} & {name.casefold() for name in names}
