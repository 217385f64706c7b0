"""Time the rendering of every prompt: all items, all languages, six steerings.

Run: python benches/prompts.py
"""

from __future__ import annotations

import time

from doxa.prompt import Condition, examples_for, render
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

STEERINGS = {
    "none": "",
    "persona": "JPN",
    "few-shot": "JPN",
    "persona_few-shot": "JPN",
    "time-6": "",
    "persona_time-6": "JPN",
}


def main() -> None:
    human = sample()
    start = time.perf_counter()
    bank = QuestionBank.load()
    for language in bank.languages:
        bank.language(language)
    loaded = time.perf_counter()
    conditions = [Condition(code, s, t) for code in bank.languages for s, t in STEERINGS.items()]
    n = 0
    for condition in conditions:
        examples = examples_for(condition, bank=bank, human=human)
        for item in bank.items:
            render(item, condition, bank=bank, examples=examples)
            n += 1
    rendered = time.perf_counter()
    print(f"reading {len(bank.languages)} languages   {loaded - start:8.3f} s")
    print(f"rendering {n:,} prompts   {rendered - loaded:8.3f} s")
    print(f"each                      {(rendered - loaded) / n * 1e6:8.1f} µs")


if __name__ == "__main__":
    main()
