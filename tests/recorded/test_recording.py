from __future__ import annotations

import polars as pl

from doxa.recorded import Recording
from doxa.recorded.recording import PROMPT_COLUMNS


def test_a_recording_of_replies_alone_knows_no_prompts_and_no_examples() -> None:
    recording = Recording(pl.DataFrame({"request_key": ["a"]}))
    assert tuple(recording.prompts.columns) == PROMPT_COLUMNS
    assert recording.prompts.is_empty()
    assert recording.examples == frozenset()
    assert (recording.left_out, recording.unknown, recording.provenance) == ({}, {}, {})


def test_prompts_of_several_recordings_can_be_stacked() -> None:
    known = pl.DataFrame([dict.fromkeys(PROMPT_COLUMNS, "text")])
    both = [Recording(pl.DataFrame(), known), Recording(pl.DataFrame())]
    assert pl.concat([recording.prompts for recording in both]).equals(known)
