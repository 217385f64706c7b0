"""Count the tokens of an item's prompt in each language, by the tokenizers of two small models.

Run: python benches/tokens.py GEMMA.gguf SMOLLM2.gguf > docs/reference/tokens.md

Only the vocabularies are loaded. A prompt is what `doxa prompts show ITEM` prints: no steering, five
examples, answered in percentages. `own` is what the prompts of one condition do not share: it is
evaluated anew for each item, the rest once.
"""

from __future__ import annotations

import sys
from os.path import commonprefix
from statistics import median

from llama_cpp import Llama

from doxa.elicit import ELICITATIONS
from doxa.prompt import Condition, examples_for, shown_prompt
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

NAMES = ("Gemma 3", "SmolLM2")
ASKS = ELICITATIONS["verbalized"].asks

HEAD = """# Tokens by language

What a prompt costs, in time and in context, is the number of its tokens, and a tokenizer cuts some languages into many more than others. Here is how many tokens an item takes, as the median of the {n} items and as the largest, with {sizes}. *Own* is the part that differs from item to item and is evaluated for each; the rest of the prompt is shared by the items of a condition, and a model in process evaluates it once. The last two columns compare the median prompt with the English one.

A tokenizer that has hardly seen a script cuts its letters into bytes. A model that is small in one of these languages for that reason may also answer badly in it: compare the share of usable replies.

Prompts have no steering, the usual five examples and the request for percentages (`doxa prompts show Q1 --language ja`), without what a model's chat template adds. `benches/tokens.py` writes this page.

| language | code | {columns} | {times} |
|---|---|{rules}
"""


def prompts(bank: QuestionBank, code: str, human: object) -> list[str]:
    condition = Condition(code)
    examples = examples_for(condition, bank=bank, human=human)
    return [
        shown_prompt(item, condition, bank=bank, examples=examples, elicitation=ASKS, chat=True)
        for item in bank.language(code).questions
    ]


def count(model: Llama, texts: list[str]) -> tuple[int, int, int, int]:
    """Median and largest number of tokens of the texts, then of what they do not share."""
    cut = [model.tokenize(text.encode(), add_bos=False) for text in texts]
    shared = len(commonprefix(cut))
    whole = [len(tokens) for tokens in cut]
    own = [n - shared for n in whole]
    return round(median(whole)), max(whole), round(median(own)), max(own)


def main() -> None:
    if len(sys.argv) != 1 + len(NAMES):
        sys.exit(__doc__)
    models = [Llama(path, vocab_only=True, verbose=False) for path in sys.argv[1:]]
    bank, human = QuestionBank.load(), sample()
    found = {
        code: [count(model, prompts(bank, code, human)) for model in models]
        for code in bank.languages
    }
    sizes = " and ".join(
        f"the tokenizer of {name} ({model.n_vocab():,} tokens)"
        for name, model in zip(NAMES, models, strict=True)
    )
    columns = " | ".join(f"{name}: prompt | largest | own | largest" for name in NAMES)
    times = " | ".join(f"{name}: × English" for name in NAMES)
    rules = "---:|" * (5 * len(NAMES))
    head = HEAD.format(n=len(bank.items), sizes=sizes, columns=columns, times=times, rules=rules)
    print(head, end="")
    for code in sorted(found, key=lambda code: bank.language(code).english_name):
        numbers = [str(n) for counts in found[code] for n in counts]
        for place in range(len(NAMES)):
            numbers.append(f"{found[code][place][0] / found['en'][place][0]:.1f}")
        print(f"| {bank.language(code).english_name} | {code} | {' | '.join(numbers)} |")


if __name__ == "__main__":
    main()
