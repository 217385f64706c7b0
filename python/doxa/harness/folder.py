"""The folder that lm-evaluation-harness and Inspect run: rows, and tasks of each program."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import ExperimentError
from doxa.files import reason
from doxa.harness.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from doxa.elicit import ElicitationSettings
    from doxa.questionnaire import QuestionBank
    from doxa.run.experiment import Experiment

__all__ = ["write_tasks"]

_CARRIED: Final = Path(__file__).with_name("carried")
_TOP: Final = 20
"""The number of likeliest tokens to ask a chat end point for; servers do not return more."""

_TAGS: Final = {"begun": "doxa", "chat": "doxa_chat", "base": "doxa_base"}
_SENT: Final = {
    "begun": {"description": "system", "doc_to_text": "user", "gen_prefix": "reply_start"},
    "chat": {"description": "system", "doc_to_text": "user"},
    "base": {"doc_to_text": "plain"},
}


def write_tasks(
    folder: Path,
    experiment: Experiment,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
) -> dict[str, int]:
    """Write an experiment as tasks of other programs.

    Parameters
    ----------
    folder : pathlib.Path
        The folder to make; it is there whole or not at all.
    experiment, bank, human
        As for `doxa.harness.rows.rows_of`.

    Returns
    -------
    dict of str to int
        The number of rows of each elicitation.

    Raises
    ------
    ExperimentError
        The folder is there already or cannot be written, or `rows_of` raises the error.
    """
    if folder.exists():
        raise ExperimentError(f"{folder} is there already: name another folder")
    rows = rows_of(experiment, bank=bank, human=human)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as made:
            partial = Path(made, "tasks")
            _write(partial, rows, experiment.settings)
            partial.rename(folder)
    except OSError as error:
        raise ExperimentError(f"{folder} cannot be written: {reason(error)}") from None
    return {name: len(found) for name, found in rows.items()}


def _write(
    folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], settings: ElicitationSettings
) -> None:
    folder.mkdir()
    inspect = [(_CARRIED / "doxa_inspect.py").read_text(encoding="utf-8")]
    shutil.copyfile(_CARRIED / "doxa_lm_eval.py", folder / "doxa_lm_eval.py")
    for name, found in rows.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
        (folder / f"doxa_{name}.jsonl").write_text(lines, encoding="utf-8")
        inspect.append(_inspect_task(name, found, settings))
        for form, tag in _TAGS.items():
            if form == "chat" and "continuations" in found[0]:
                continue  # lm-evaluation-harness gets no probabilities from chat end points
            task = tag.replace("doxa", f"doxa_{name}")
            text = _lm_eval_task(task, name, form, found, settings)
            (folder / f"{task}.yaml").write_text(text, encoding="utf-8")
    (folder / "doxa_inspect.py").write_text("\n\n".join(inspect), encoding="utf-8")


def _generation(
    name: str, rows: Sequence[Mapping[str, Any]], settings: ElicitationSettings
) -> tuple[int, float, list[str], int]:
    """Return the most tokens of a reply, the temperature, what ends it, and how often it is drawn.

    A chat end point ends its replies itself, as for doxa's own requests. Elsewhere a verbalized
    reply is read up to its first "}", which ends none here: programs that end a reply at a text
    leave the text out, and so hide whether the object was complete.
    """
    if name == "verbalized":
        return settings.max_tokens, 0.0, [], 1
    if name == "sampling":
        return 16, settings.temperature, ["\n"], settings.draws
    longest = max(len(label) for row in rows for label in row["doxa"]["labels"])
    return settings.draws * (longest + 2), settings.temperature, ["\n"], 1


def _lm_eval_task(
    task: str,
    name: str,
    form: str,
    rows: Sequence[Mapping[str, Any]],
    settings: ElicitationSettings,
) -> str:
    """Write a task of lm-evaluation-harness."""
    lines = {
        "task": task,
        "tag": _TAGS[form],
        "dataset_kwargs": {"name": name, "form": form},
        "test_split": "test",
        "num_fewshot": 0,
        **_SENT[form],
        "target_delimiter": "",
        "doc_to_target": "id",
        "metric_list": [{"metric": "bypass", "aggregation": "bypass", "higher_is_better": True}],
    }
    if "continuations" in rows[0]:
        lines |= {"output_type": "multiple_choice", "doc_to_choice": "continuations"}
        lines |= {"doc_to_target": 0} | ({"gen_prefix": "opening"} if form == "begun" else {})
    else:
        most, temperature, stop, draws = _generation(name, rows, settings)
        until = [] if form == "chat" else stop
        kwargs = {"max_gen_toks": most, "temperature": temperature, "until": until}
        kwargs |= {"do_sample": temperature > 0}
        if form == "chat" and temperature > 0:
            kwargs["seed"] = None
        lines |= {"output_type": "generate_until", "generation_kwargs": kwargs, "repeats": draws}
        take = [{"function": "take_first_k", "k": draws}]
        lines["filter_list"] = [{"name": "draws", "filter": take}]
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in lines.items())
    return f"custom_dataset: !function doxa_lm_eval.rows\n{text}"


def _inspect_task(
    name: str, rows: Sequence[Mapping[str, Any]], settings: ElicitationSettings
) -> str:
    """Write a task of Inspect."""
    if "continuations" in rows[0]:
        config: dict[str, Any] = {
            "max_tokens": 1, "temperature": 0.0, "logprobs": True, "top_logprobs": _TOP,
        }  # fmt: skip
    else:
        most, temperature, stop, draws = _generation(name, rows, settings)
        config = {"epochs": draws, "max_tokens": most, "temperature": temperature}
        config |= {"stop": stop} if stop else {}
    given = ", ".join(f"{key}={value!r}" for key, value in config.items())
    return (
        f'@task\ndef doxa_{name.replace("-", "_")}(form: str = "chat") -> Task:\n'
        f'    """Ask by {name}."""\n'
        f'    return questions("{name}", form, {given})\n'
    )
