from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.template import CSV, TOML

if TYPE_CHECKING:
    import pytest


def test_what_there_is_to_begin_with_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(TOML, encoding="utf-8")
    Path("a.csv").write_text(CSV, encoding="utf-8")
    for name in ("a.toml", "a.csv"):
        bank = QuestionBank.load(name)
        assert [*bank.items] == ["home", "best"]
        assert bank.question("home", "en").label(1) == "Strongly agree"
