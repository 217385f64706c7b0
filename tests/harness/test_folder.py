from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
import yaml

from doxa.errors import ExperimentError
from doxa.harness import folder as module
from doxa.harness import write_tasks

from .made import ALL, BANK, experiment, rows_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tasks") / "in" / "tasks"
    assert write_tasks(made, experiment(), bank=BANK)["verbalized"] == 8
    return made


class Loader(yaml.SafeLoader):
    pass


Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))


def test_every_task_names_fields_that_its_rows_have(folder: Path) -> None:
    found = {path.stem: yaml.load(path.read_text(), Loader) for path in folder.glob("*.yaml")}
    assert len(found) == 5 + 5 + 3
    for name, task in found.items():
        assert task["task"] == name
        assert task["custom_dataset"] == "doxa_lm_eval.rows"
        row = rows_in(folder, task["dataset_kwargs"]["name"])[0]
        named = {task.get(key) for key in ("description", "doc_to_text", "gen_prefix")} - {None}
        assert named <= row.keys()
        begins = task["dataset_kwargs"]["form"] == "begun"
        assert ("gen_prefix" in task) == begins
        assert task["target_delimiter"] == ""
    assert found["doxa_sampling_chat"]["repeats"] == 3
    assert found["doxa_sampling_chat"]["generation_kwargs"]["seed"] is None
    assert "seed" not in found["doxa_sampling"]["generation_kwargs"]
    assert found["doxa_verbalized"]["generation_kwargs"]["until"] == []
    assert found["doxa_sampling_chat"]["generation_kwargs"]["until"] == []
    assert found["doxa_sampling"]["generation_kwargs"]["until"] == ["\n"]
    assert found["doxa_logprobs"]["doc_to_choice"] == "continuations"


def test_there_is_a_task_of_inspect_for_each_elicitation(folder: Path) -> None:
    text = (folder / "doxa_inspect.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    tasks = [node.name for node in functions if node.decorator_list]
    assert tasks == [f"doxa_{name.replace('-', '_')}" for name in ALL]
    assert 'questions("sampling", form, epochs=3, max_tokens=16' in text


def test_a_folder_that_is_there_is_left_alone(folder: Path) -> None:
    before = sorted(folder.iterdir())
    with pytest.raises(ExperimentError, match="is there already: name another folder"):
        write_tasks(folder, experiment(), bank=BANK)
    assert sorted(folder.iterdir()) == before


def test_a_folder_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = module._write

    def full(folder: Path, *rest: object) -> None:
        written(folder, *rest)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(ExperimentError, match="cannot be written: no space left on device"):
        write_tasks(tmp_path / "tasks", experiment(), bank=BANK)
    assert list(tmp_path.iterdir()) == []
