"""Count the tokens of an item's prompt in each language, by the tokenizers of two small models.

Run: python benches/tokens.py GEMMA.gguf SMOLLM2.gguf

Writes the table of docs/reference/tokens.md. Only the vocabularies are loaded. A prompt is what
`doxa prompts show ITEM` prints. `own` is what the prompts of one condition do not share.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from llama_cpp import Llama

from doxa.elicit import ELICITATIONS
from doxa.prompt import Condition, examples_for, shown_prompt
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

NAMES = ("Gemma 3", "SmolLM2")
ASKS = ELICITATIONS["verbalized"].asks

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "tokens.md"
START = "| language |"


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
    shared = next(n for n, tokens in enumerate(zip(*cut, strict=False)) if len({*tokens}) > 1)
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
    parts = ("prompt", "largest", "own", "largest", "× English")
    columns = " | ".join(f"{name}: {part}" for name in NAMES for part in parts)
    lines = [f"{START} code | {columns} |", "|---|---|" + "---:|" * (len(parts) * len(NAMES))]
    for code in sorted(found, key=lambda code: bank.language(code).english_name):
        cells = [bank.language(code).english_name, code]
        for counts, english in zip(found[code], found["en"], strict=True):
            cells += [*map(str, counts), f"{counts[0] / english[0]:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
