"""Write the logs of lm-evaluation-harness in this folder: run it where lm_eval is installed.

    python tests/recorded/logs/write_lm_eval.py

The model is a table of probabilities, so the logs are the harness's own and the numbers are known:
of ten options, number k has the probability k / 100, and of four 0.1, 0.2, 0.3 and 0.2.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import lm_eval
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

HERE = Path(__file__).parent
HAPPY = ["Very happy", "Rather happy", "Not very happy", "Not at all happy"]
TEN = [str(number) for number in range(1, 11)]
FOUR = (0.1, 0.2, 0.3, 0.2)
YAML = """\
task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {data}}}
test_split: train
output_type: multiple_choice
doc_to_text: prompt
doc_to_choice: labels
doc_to_target: 0
target_delimiter: " "
metric_list: [{{metric: acc}}]
"""


def shown(labels: list[str], words: list[str]) -> str:
    lines = "\n".join(f"{label}: {word}" for label, word in zip(labels, words, strict=True))
    return f"Which one?\n{lines}\nAnswer:"


def doc(item: str, labels: list[str], prompt: str = "Which one? Answer:", **more: object) -> dict:
    return {"item": item, "labels_scored": labels, "prompt": prompt} | more


TASKS = {
    "numbers": [
        doc("Q164", TEN, target="4"),
        doc("Q46", TEN[:4], shown(TEN[:4], HAPPY[::-1]), target="1"),
        doc("Q122", TEN[:3], shown(TEN[:3], ["Agree", "Hard to say", "Disagree"]), target="2"),
    ],
    "letters": [
        doc("Q164", [*"ABCDEFGHIJ"], country="Japan"),
        doc("Q46", [*"ABCD"], choices=HAPPY),
        doc("mmlu_1", [*"ABCD"]),
    ],
}


class Table(LM):
    """A model whose probabilities are known; `nested` says whether "10" begins with token "1"."""

    def __init__(self, nested: bool) -> None:
        super().__init__()
        self._nested = nested

    def loglikelihood(self, requests, disable_tqdm=False):
        del disable_tqdm
        return [self._score(*one.args) for one in requests]

    def _score(self, context: str, label: str) -> tuple[float, bool]:
        text = label.strip()
        place = int(text) if text.isdecimal() else ord(text) - ord("A") + 1
        ten = "Q164" in context
        value = place / 100 if ten else FOUR[place - 1]
        if ten and self._nested and text == "1":  # and not "A"
            value += 0.1
        likeliest = (1, 10) if ten and self._nested else (10,) if ten else (3,)
        return math.log(value), place in likeliest

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def generate_until(self, requests, disable_tqdm=False):
        raise NotImplementedError


def write(folder: str, model: LM | str, names: list[str]) -> None:
    with TemporaryDirectory() as place:
        work = Path(place)
        for name in names:
            data = work / f"{name}.jsonl"
            docs = [one | {"prompt": f"[{one['item']}] {one['prompt']}"} for one in TASKS[name]]
            data.write_text("\n".join(json.dumps(one) for one in docs))
            yaml = YAML.format(name=name, data=data).replace("labels\n", "labels_scored\n", 1)
            (work / f"{name}.yaml").write_text(yaml)
        tracker = EvaluationTracker(output_path=str(work / "out"))
        found = lm_eval.simple_evaluate(
            model=model,
            model_args={"model": f"org/{folder}"} if not isinstance(model, str) else None,
            tasks=names,
            task_manager=TaskManager(include_path=place, include_defaults=False),
            evaluation_tracker=tracker,
            log_samples=True,
            bootstrap_iters=0,
        )
        samples = found.pop("samples")
        tracker.save_results_aggregated(results=found, samples=samples)
        for name in names:
            tracker.save_results_samples(task_name=name, samples=samples[name])
        [made] = (work / "out").iterdir()
        shutil.rmtree(HERE / folder, ignore_errors=True)
        shutil.copytree(made, HERE / folder)
        for results in (HERE / folder).glob("results_*.json"):
            # the rest is about the machine
            known = {key: found[key] for key in ("model_name", "model_source") if key in found}
            text = re.sub(re.escape(place), "", json.dumps(known))
            results.write_text(text)


if __name__ == "__main__":
    write("nested", Table(nested=True), ["numbers", "letters"])
    write("apart", Table(nested=False), ["numbers"])
    # its likelihoods are random numbers that add up to more than 1
    write("dummy", "dummy", ["numbers"])
