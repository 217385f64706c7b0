"""Inspect runs the folder, and its logs say what doxa itself reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.harness import write_tasks
from doxa.recorded import read_recording
from harness.answering import answering, asked_by_doxa, read_as
from harness.made import ALL, BANK, experiment
from harness.programs import run

if TYPE_CHECKING:
    from pathlib import Path

FIXED = ["--display", "none", "--max-connections", "1", "--max-retries", "1"]


def test_every_elicitation_through_a_chat_end_point(tmp_path: Path) -> None:
    asked = experiment(option_orders=["reversed"])
    write_tasks(tmp_path / "tasks", asked, bank=BANK)
    with answering(chat=True) as address:
        chat = ["tasks/doxa_inspect.py", "--model", "openai-api/loc/m", "--log-dir", "chat"]
        task = "tasks/doxa_inspect.py@doxa_logprobs"
        begun = [task, "--model", "openai-api/loc/m", "-T", "form=begun", "--log-dir", "begun"]
        runs = [["eval", *one, *FIXED] for one in (chat, begun)]
        run("inspect", tmp_path, *runs, address=address)
        own = asked_by_doxa(asked, address, tmp_path)
    assert len(list(tmp_path.glob("chat/*.eval"))) == len(ALL)
    for name in ALL:
        (path,) = tmp_path.glob(f"chat/*doxa-{name}_*.eval")
        found = read_recording(path, bank=BANK)
        assert read_as(found.replies, name) == read_as(own, name)
        assert found.examples == {"Q32"}
        assert found.replies["model"].unique().to_list() == ["openai-api/loc/m"]
    (path,) = tmp_path.glob("begun/*.eval")
    begun = read_recording(path, bank=BANK)
    assert begun.prompts["reply_start"].unique().sort().to_list() == ["Answer: ", "回答："]
    # that the reply was begun is another prompt
    assert read_as(begun.replies, "logprobs") != read_as(own, "logprobs")
    assert begun.replies["status"].unique().to_list() == ["ok"]
