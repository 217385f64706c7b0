"""Write the logs of Inspect in this folder: run it where inspect-ai is installed.

    python tests/recorded/logs/write_inspect.py

Inspect's mock model gives the replies, so the logs are Inspect's own and the numbers are known.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import inspect_ai
from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import choice
from inspect_ai.solver import generate, multiple_choice, solver

HERE = Path(__file__).parent
HAPPY = ["Very happy", "Rather happy", "Not very happy", "Not at all happy"]
AGREE = {2: "Agree", 1: "Hard to say", 0: "Disagree"}
HARD = ["Strongly agree", "Agree", "Disagree", "Strongly disagree", "Hard to say"]


def output(*texts: str) -> ModelOutput:
    made = [
        ChatCompletionChoice(message=ChatMessageAssistant(content=text), stop_reason="stop")
        for text in texts
    ]
    # without these Inspect counts tokens with a table that it downloads
    usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return ModelOutput(model="mockllm/model", choices=made, usage=usage)


def prompt(options: dict[str, str]) -> str:
    lines = "\n".join(f"{label}: {words}" for label, words in options.items())
    return f"How do people answer?\nOptions:\n{lines}\nGive the share of each option as an object."


def numbered(words: list[str], labels: str = "12345") -> str:
    return prompt(dict(zip(labels, words, strict=False)))


VERBALIZED = [
    # the prompt shows what the labels stand for
    ("Q122", numbered([*AGREE.values()]), {}, ['{"1": 90, "2": 10, "3": 0}']),
    ("Q123", numbered([*AGREE.values()]), {}, ['{"1": 90, "2": 10}']),
    ("Q119", numbered(HARD), {}, ['{"1": 10, "2": 20, "3": 30, "4": 30, "5": 10}']),
    ("Q46", numbered(HAPPY[::-1]), {}, ['{"1": 40, "2": 30, "3": 20, "4": 10}']),
    ("Q119", "In words of our own.", {}, ['{"1": 30, "2": 20, "3": 10, "4": 30, "5": 10}']),
    # the metadata say it
    ("Q48", "?", {"option_order": "reversed"}, ['{"1": 55, "2": 45}']),
    ("Q124", "?", {"labels": ["a", "b", "c"], "codes": [0, 1, 2]}, ['{"a": 70, "b": 20, "c": 10}']),
    ("Q60", numbered(["Trust completely", "Trust somewhat", "Do not trust very much",
                      "Do not trust at all"], "ABCD"), {}, ['{"A": 10, "B": 20, "D": 70}']),
    # three choices of one output are three draws
    ("Q1", "?", {}, ['{"1": 100}', '{"1": 50, "2": 50}', "I would rather not say."]),
    # nothing says whether these are labels or codes
    ("Q125", "In words of our own.", {}, ['{"1": 90, "2": 10}']),
    # but a 3 is no code of this item, and a 0 is no label
    ("Q126", "In words of our own.", {}, ['{"3": 90, "1": 10}']),
    ("Q127", "In words of our own.", {}, ['{"0": 90, "1": 10}']),
]  # fmt: skip
CHOICES = [
    ("Q46", HAPPY, ["ANSWER: B"]),
    ("Q46", HAPPY[::-1], ["ANSWER: B"]),
    ("Q46", HAPPY, ["ANSWER: A\nOn second thoughts:\nANSWER: D"]),
    ("Q46", HAPPY, ["ANSWER: A, C"]),
    ("Q46", HAPPY, ["Answer: Rather happy"]),
    ("Q46", HAPPY, ["Answer: A great deal"]),
    ("Q46", HAPPY, ["ANSWER: A", "ANSWER: B", "ANSWER: C"]),
    ("Q164", [str(step) for step in range(1, 11)], ["ANSWER: I would rather not say."]),
    ("Q164", [str(step) for step in range(1, 11)], ["ANSWER: I"]),
    ("mmlu_7", ["Oslo", "Rome"], ["ANSWER: A"]),
]


def verbalized() -> Task:
    samples = [
        Sample(
            id=f"v{number}", input=text, target="4", metadata={"item": item, "target": "4"} | more
        )
        for number, (item, text, more, _) in enumerate(VERBALIZED)
    ]
    return Task(dataset=samples, solver=generate(), name="verbalized")


def choices() -> Task:
    samples = [
        Sample(id=f"c{number}", input="?", choices=options, target="A", metadata={"item": item})
        for number, (item, options, _) in enumerate(CHOICES)
    ]
    return Task(dataset=samples, solver=multiple_choice(), scorer=choice(), name="choices")


@solver
def kills():
    async def solve(state, generate):
        state = await generate(state)
        if state.sample_id == "k3":
            os.kill(os.getpid(), signal.SIGKILL)
        return state

    return solve


@solver
def breaks():
    async def solve(state, generate):
        if state.sample_id == "k3":
            raise ValueError("out of luck")
        return await generate(state)

    return solve


def stopped(how: object) -> Task:
    samples = [Sample(id=f"k{number}", input="?", metadata={"item": "Q46"}) for number in range(6)]
    return Task(dataset=samples, solver=how, name="stopped")  # type: ignore[arg-type]


def write(name: str, task: Task, outputs: list[ModelOutput], **how: object) -> None:
    with TemporaryDirectory() as folder:
        model = get_model("mockllm/model", custom_outputs=outputs)
        inspect_ai.eval(  # type: ignore[arg-type]
            task, model=model, log_dir=folder, max_samples=1, display="none", log_buffer=1, **how
        )
        [log] = Path(folder).iterdir()
        (HERE / f"{name}{log.suffix}").write_bytes(log.read_bytes())


def killed() -> None:
    """Kill an evaluation in a process of its own, at its fourth sample."""
    with TemporaryDirectory() as folder:
        if os.fork() == 0:
            model = get_model("mockllm/model", custom_outputs=[output(SHARES)] * 6)
            inspect_ai.eval(
                stopped(kills()), model=model, log_dir=folder, max_samples=1, display="none",
                log_buffer=1,
            )  # fmt: skip
            os._exit(0)
        os.wait()
        [log] = Path(folder).iterdir()
        (HERE / "killed.eval").write_bytes(log.read_bytes())


SHARES = '{"1": 40, "2": 30, "3": 20, "4": 10}'

if __name__ == "__main__":
    write("verbalized", verbalized(), [output(*texts) for *_, texts in VERBALIZED])
    write("choices", choices(), [output(*texts) for *_, texts in CHOICES])
    write("broken", stopped(breaks()), [output(SHARES)] * 6)
    killed()
    sys.exit(0)
