from __future__ import annotations

import sys

import pytest

from doxa.errors import MissingExtraError
from doxa.report import drawing


def test_without_the_converter_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match=r'pip install "doxa\[report\]"'):
        drawing.converted("vegalite_to_svg", {})


@pytest.mark.parametrize(("row_height", "height"), [(26, {"step": 26}), (None, 220)])
def test_a_chart_is_as_wide_as_its_place(row_height: int | None, height: object) -> None:
    alt = drawing.load_altair()
    bare = alt.Chart(alt.NamedData(name="rows")).mark_bar()
    found = drawing.finish(bare, alt, row_height=row_height)
    assert (found["width"], found["height"]) == ("container", height)
    assert found["autosize"] == {"contains": "padding", "type": "fit-x"}
    assert "config" not in found


def test_rows_sort_by_their_order() -> None:
    assert drawing.by_order(drawing.load_altair()).to_dict() == {"field": "order", "op": "min"}
