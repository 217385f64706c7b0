"""What results look like in a notebook."""

from __future__ import annotations

import doxa

HOSTILE = "<script>alert(1)</script>"


def test_a_batch_shows_its_groups_escaped() -> None:
    batch = doxa.score_batch(
        [[0.2, 0.8], [0.4, 0.6]], [[0.5, 0.5], [0.4, 0.6]], groups=[HOSTILE, "b"]
    )
    shown = batch._repr_html_()
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown
    assert "<p>2 pairs</p>" in shown
    assert "0.7" in shown
