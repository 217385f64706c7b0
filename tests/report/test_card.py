from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from doxa.errors import ReportError
from doxa.report import card as module
from doxa.report.card import card, card_address
from doxa.report.figures.parts import Shown

from .invented import evaluation_of

if TYPE_CHECKING:
    import polars as pl

VIEW = {"model": "tiny-model", "elicitation": "verbalized", "wave": 7, "way": 0}


def test_the_picture_has_the_size_that_sites_expect(frames: dict[str, pl.DataFrame]) -> None:
    shown = Shown(evaluation_of(frames))
    drawn = card(
        shown.alignment, VIEW, shown.conditions, shown.names, title="Whose?", sentence="Japan’s."
    )
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (1200, 630)


def test_it_says_what_the_page_says(
    frames: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {}

    def keep(function: str, given: object, **_: object) -> object:
        made[function] = given
        return "<svg ><path/></svg>" if function == "vegalite_to_svg" else b""

    monkeypatch.setattr(module, "converted", keep)
    shown = Shown(evaluation_of(frames))
    long = "It is <close> to people. " * 30
    card(shown.alignment, VIEW, shown.conditions, shown.names, title=long, sentence=long)
    sheet = str(made["svg_to_png"])
    first = shown.alignment.filter(elicitation="verbalized", steering="none", language="en").sort(
        "estimate", descending=True
    )
    assert f"1  {shown.names.country(first['country'][0])}" in sheet
    assert f"{first['estimate'][0]:.3f} [{first['low'][0]:.2f}, {first['high'][0]:.2f}]" in sheet
    assert "It is &lt;close&gt; to people. It" in sheet
    assert sheet.count("…") == 2


@pytest.mark.parametrize(
    ("address", "picture"),
    [
        ("https://example.org/a/b.html", "https://example.org/a/card.png"),
        ("http://example.org", "http://example.org/card.png"),
        ("https://example.org/a/", "https://example.org/a/card.png"),
    ],
)
def test_the_picture_lies_beside_the_page(address: str, picture: str) -> None:
    assert card_address(address) == picture


@pytest.mark.parametrize(
    "address", ["report.html", "ftp://example.org/a", "https://", "https://a b"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ReportError, match=r"give its whole address, such as https://"):
        card_address(address)
