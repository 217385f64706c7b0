from __future__ import annotations

from doxa.backend.named.near import hint, near


def test_near_names_come_first_and_at_most_three() -> None:
    known = ["qwen3:4b", "qwen3:8b", "qwen3:14b", "qwen2.5:7b", "gemma3:1b"]
    assert len(near("qwen3:4", known)) == 3
    assert near("qwen3:4", known)[0] == "qwen3:4b"
    assert near("GEMMA", known) == ["gemma3:1b"]


def test_without_a_near_name_only_the_list_is_named() -> None:
    assert hint("zzz", ["qwen3:4b"]) == "doxa models lists what is on this machine"
