"""doxa's questionnaire as tasks of Inspect, one for each elicitation.

    inspect eval doxa_inspect.py --model openai/NAME
    doxa score --from logs/*.eval

``@doxa_verbalized`` after the file's name takes one task. ``-T form=chat`` (the default) is for
chat end points, which begin the reply themselves. ``-T form=begun`` begins it for the model, for
engines that go on with a last message of the assistant (vllm, sglang, a llama-server). ``-T
form=base`` sends one text to be continued, for base models (openai-api-completions,
vllm-completions).
"""

import json
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
)


def sample(row: dict[str, Any], form: str) -> Sample:
    """Make a sample of a row."""
    space = row.get("space", "")
    chat = [ChatMessageSystem(content=row["system"]), ChatMessageUser(content=row["user"])]
    begun = ChatMessageAssistant(content=row.get("opening", row["reply_start"]) + space)
    forms = {"chat": chat, "begun": [*chat, begun], "base": row["plain"] + space}
    if form not in forms:
        raise ValueError(f"form={form}: write {', '.join(forms)}")
    sent = {name: row[name] for name in ("system", "user", "reply_start")}
    metadata = {"doxa": row["doxa"] | {"form": form}, "sent": sent}
    return Sample(input=forms[form], id=row["id"], metadata=metadata)


def questions(
    name: str, form: str, epochs: int = 1, stop: list[str] | None = None, **given: Any
) -> Task:
    """Make the task of an elicitation."""
    # a chat end point ends its replies itself
    config = GenerateConfig(stop_seqs=None if form == "chat" else stop, **given)
    text = Path(__file__).with_name(f"doxa_{name}.jsonl").read_text(encoding="utf-8")
    samples = [sample(json.loads(line), form) for line in text.split("\n") if line]
    return Task(MemoryDataset(samples), epochs=epochs, config=config)
