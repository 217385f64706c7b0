"""What a user sees: exported names, the README, an import that costs little."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tiny_models import bigram

import doxa
from doxa.questionnaire import QuestionBank
from doxa.recorded import store_path
from doxa.run import Experiment, ask

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", [name for name in doxa.__all__ if name != "__version__"])
def test_every_exported_name_is_there_and_documented(name: str) -> None:
    thing = getattr(doxa, name)
    assert inspect.getdoc(thing)
    assert name in dir(doxa)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = doxa.scores


def test_modules_that_moved_are_found_under_the_names_they_had() -> None:
    for old, name in (
        ("question", "QuestionBank"),
        ("scale", "Scale"),
        ("experiment", "Experiment"),
    ):
        code = (
            f"import doxa; from doxa.{old} import {name}\n"
            f"print({name}.__module__, getattr(doxa.{old}, {name!r}) is {name})"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        module, same = done.stdout.split()
        assert module != f"doxa.{old}"
        assert same == "True"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("doxa.tables")


def test_the_version_is_written_in_one_place() -> None:
    crate = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    assert doxa.__version__ == crate["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert "version" not in project


def test_import_loads_no_frames_no_arrays_and_no_extra() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import doxa, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    heavy = {
        "altair",
        "httpx2",
        "huggingface_hub",
        "llama_cpp",
        "numpy",
        "polars",
        "pyreadstat",
        "ray",
        "rich",
        "typer",
    }
    assert not heavy & set(loaded)


def test_scoring_needs_no_extra() -> None:
    code = (
        "import sys\n"
        "for name in ('altair', 'httpx2', 'jinja2', 'llama_cpp', 'pyarrow', 'rich', 'typer'):\n"
        "    sys.modules[name] = None\n"
        "import doxa\n"
        "print(doxa.score_batch([[1.0, 0.0]], [[0.0, 1.0]]).scores['alignment'][0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "0.0\n"


@pytest.fixture
def run_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in `runs/x` of the current folder, as made by the README's commands."""
    bank = QuestionBank.load()
    experiment = Experiment.from_grid(
        [str(bigram())],
        bank=bank,
        steering=["none", "persona"],
        targets=["JPN", "USA"],
        items=6,
        elicitations=["logprobs"],
        n_examples=0,
    )
    ask(experiment, store_path(tmp_path / "runs" / "x"), bank=bank)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("run_at_hand")
def test_the_python_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "estimate" in capsys.readouterr().out
    assert "<!doctype html>" in Path("report.html").read_text(encoding="utf-8")


def test_the_commands_in_the_readme_exist() -> None:
    from typer.main import get_command

    from doxa.cli import app
    from doxa.cli.commands import COMMANDS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shell = "\n".join(re.findall(r"^```\w*\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE))
    lines = re.findall(r"^doxa .*", shell, flags=re.MULTILINE)
    assert len(lines) > 3
    command = get_command(app)
    assert {line.split()[1] for line in lines} <= set(COMMANDS)
    options = set(re.findall(r"(--[a-z][a-z-]*)", "\n".join(lines)))
    known = {
        option for sub in _leaves(command) for parameter in sub.params for option in parameter.opts
    }
    assert options <= known


def _leaves(command: Any) -> list[Any]:
    if not hasattr(command, "list_commands"):
        return [command]
    inner = [command.get_command(None, name) for name in command.list_commands(None)]
    return [leaf for sub in inner for leaf in _leaves(sub)]
