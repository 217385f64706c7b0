"""`doxa prompts`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from doxa.cli import prompts
from doxa.errors import QuestionnaireError

from .shell import doxa, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_prompts_show_prints_the_prompt() -> None:
    shown = doxa(
        "prompts",
        "show",
        "Q6",
        "--language",
        "ja",
        *("--steering", "persona"),
        "--target",
        "JPN",
    )
    assert shown.returncode == 0
    assert "日本" in shown.stdout
    unsteered = doxa("prompts", "show", "Q6", "--elicit", "logprobs", "--base").stdout
    assert unsteered.rstrip("\n").endswith("Answer: ")
    lettered = doxa("prompts", "show", "Q6", "--labels", "letters", "--examples", "0").stdout
    assert "A: Very important" in lettered
    fails("prompts", "show", "Q6", "--steering", "persona", "--target", "XYZ", says="no country")


def test_prompts_show_applies_the_template_of_a_model(tiny: Path) -> None:
    exact = doxa("prompts", "show", "Q6", "--model", str(tiny)).stdout
    assert exact.startswith("<|im_start|>system\n")
    assert exact.endswith("<|im_start|>assistant\n{\n")


def test_wording_goes_out_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(
        doxa("prompts", "export", "--language", "ja").stdout, encoding="utf-8"
    )
    out = tmp_path / "ja.toml"
    arguments = ("--language", "ja", "--out", str(out))
    back = doxa("prompts", "import", str(tmp_path / "questions.jsonl"), *arguments)
    assert back.returncode == 0, back.stderr
    assert "144" in back.stderr
    assert "Q259" in out.read_text(encoding="utf-8")
    fails(
        "prompts", "import", str(tmp_path / "questions.jsonl"), *arguments, says="is there already"
    )


def test_a_file_of_other_questions_is_no_language(tmp_path: Path) -> None:
    """A wrong file used to read "read 0 items", exit with 0 and leave an empty language file."""
    wrong, out = tmp_path / "wrong.jsonl", tmp_path / "ja.toml"
    wrong.write_text('{"id": "X1", "question": "?", "choices": [], "choice_keys": []}\n')
    arguments = ("prompts", "import", str(wrong), "--language", "ja", "--out", str(out))
    fails(*arguments, says=r"no item of the questionnaire is in it \(X1\): name items in the field")
    assert not out.exists()
    wrong.write_text("\n")
    fails(*arguments, says=r"no item of the questionnaire is in it \(it has no rows\)")


def test_tasks_of_other_programs_are_written_once(tmp_path: Path) -> None:
    file, out = tmp_path / "experiment.toml", tmp_path / "tasks"
    file.write_text('models = ["none.gguf"]\nitems = ["Q1", "Q164"]\n')
    arguments = ("prompts", "tasks", "--experiment", str(file), "--languages", "en,ja")
    written = doxa(*arguments, "--out", str(out))
    assert written.returncode == 0, written.stderr
    assert "8 logprobs, 8 verbalized" in written.stderr
    assert "replies are free, as those of  doxa ask --free" in written.stderr
    assert "take --labels letters" in written.stderr
    assert (out / "doxa_inspect.py").is_file()
    fails(*arguments, "--out", str(out), says="is there already: name another folder")


def test_a_sheet_goes_out_and_its_corrections_come_back(tmp_path: Path) -> None:
    sheet, out = tmp_path / "fr.csv", tmp_path / "out"
    written = doxa("prompts", "sheet", "fr", "--out", str(sheet))
    assert written.returncode == 0, written.stderr
    assert f"rows in {sheet}" in written.stderr
    text = sheet.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row["Right?"] = "yes" if row["Id"] == "Q1" else ""
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    arguments = ("prompts", "review", str(sheet), "--out", str(out))
    fails(*arguments, says=r"row \d+ \(Q1\): names no reviewer")
    assert not out.exists()
    back = doxa(*arguments, "--reviewer", "Anne")
    assert back.returncode == 0, back.stderr
    assert "fr: 0 texts changed, 1 confirmed, 0 doubted; 1 rows more" in back.stderr
    assert {path.name for path in out.iterdir()} == {"fr.toml", "fr.csv"}


def test_an_installed_doxa_takes_no_corrections_without_a_place_for_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prompts, "record_folder", lambda: None)
    with pytest.raises(QuestionnaireError, match=r"not a checkout: name a folder .* with --out"):
        prompts.review(tmp_path / "fr.xlsx")
