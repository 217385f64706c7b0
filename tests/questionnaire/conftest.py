from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = """
[topics]
taste = "Taste"
[answers.liking]
scale = "ordinal"
codes = [1, 2, 3]
[items.taste]
T1 = { answers = "liking", variables = { 7 = "T1" } }
"""
COUNTRIES = 'JPN = { name = "Japan", languages = ["ja"], waves = [7] }\n'
ENGLISH = """
[language]
code = "en"
name = "English"
english_name = "English"
script = "Latn"
direction = "ltr"
[answers]
liking = ["A lot", "Somewhat", "Not at all"]
[items]
T1 = "How much do you like tea?"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A question bank of one item, one country and one language."""
    for name, text in (("items", ITEMS), ("countries", COUNTRIES), ("en", ENGLISH)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path
