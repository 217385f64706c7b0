from __future__ import annotations

from typing import get_args

from doxa.evaluate.tables import Section
from doxa.report.drawing import asset
from doxa.report.sections import SECTIONS


def test_each_section_has_its_file_and_tables_have_their_section() -> None:
    assert all(asset(f"sections/{section.id}.html") for section in SECTIONS)
    assert set(get_args(Section)) <= {section.id for section in SECTIONS}
