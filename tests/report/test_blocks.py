from __future__ import annotations

import json

from doxa.report.blocks import BY_MODEL, in_blocks
from doxa.report.pack import unpack


def test_each_model_has_its_own_rows_and_the_rest_stays() -> None:
    table = {"model": ["a", "b", "a"], "estimate": [0.1, 0.2, 0.3]}
    further = [{"name": "shape", "title": "Shape", "columns": {"estimate": [0.5]}}]
    data = {
        "models": ["a", "b"],
        "further": further,
        "time": None,
        "gains": {"condition": []},
        "x": 1,
    }
    data["alignment"] = table
    rest, blocks = in_blocks(data)
    assert rest == {"models": ["a", "b"], "further": [{"name": "shape", "title": "Shape"}], "x": 1}
    found = {name: json.loads(unpack(block)) for name, block in blocks.items()}
    assert found == {
        "alignment-0": {"model": ["a", "a"], "estimate": [0.1, 0.3]},
        "alignment-1": {"model": ["b"], "estimate": [0.2]},
        "further-shape": {"estimate": [0.5]},
    }
    assert not set(BY_MODEL) & set(rest)
