r"""Rows of doxa's questionnaire for lm-evaluation-harness; the .yaml files beside this name it.

    lm_eval run --model hf --model_args pretrained=NAME --apply_chat_template \
      --include_path . --tasks doxa --log_samples --output_path logs
    doxa score --from logs/NAME/samples_doxa_*.jsonl

`--tasks doxa` begins the model's replies, as engines can that fill the chat template here (hf,
vllm). `--tasks doxa_chat` is for chat end points (local-chat-completions, openai-chat-completions),
which begin the reply themselves. `--tasks doxa_base`, without `--apply_chat_template`, is for base
models. A task of one elicitation is named as its .yaml file. Leave `--system_instruction` and
`--num_fewshot` alone: they would change the prompt.
"""

import json
from pathlib import Path
from typing import Any

from datasets import Dataset


def rows(name: str, form: str, **_: Any) -> dict[str, Dataset]:
    """Read the rows of an elicitation, and note how they are sent."""
    text = Path(__file__).with_name(f"doxa_{name}.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.split("\n") if line]
    for row in found:
        row["doxa"]["form"] = form
    return {"test": Dataset.from_list(found)}
