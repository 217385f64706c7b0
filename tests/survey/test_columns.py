from __future__ import annotations

import pytest

from doxa.questionnaire import QuestionBank
from doxa.survey.columns import columns_table, first_header, fits, found_by_header, label_of
from doxa.survey.labels import plain

from .exports import FILES, inventory, variables

ITEMS = QuestionBank.load().items
HEADERS = columns_table()["headers"]


def test_every_item_is_headed_and_no_header_fits_two_items() -> None:
    assert list(HEADERS) == list(ITEMS)
    for item, labels in HEADERS.items():
        assert first_header(item) == labels[0]
        for label in labels:
            assert [other for other in HEADERS if fits(label, other)] == [item], label
        assert len({plain(label) for label in labels}) == len(labels)


@pytest.mark.parametrize("name", FILES)
def test_the_headers_of_real_files_fit_the_items_of_their_wave_and_no_others(name: str) -> None:
    wave = FILES[name][0]
    headers = inventory().filter(file=name)["header"].unique(maintain_order=True)
    labels = {header.partition(":")[0]: label_of(header) for header in headers}
    here = variables(wave)
    for item, place in here.items():
        assert place not in labels or fits(labels[place], item)
    for other in {4, 5, 6} - {wave}:
        for item, place in variables(other).items():
            assert place in (here.get(item), None) or not fits(labels.get(place, "-"), item)


@pytest.mark.parametrize(
    ("label", "item", "same"),
    [
        ("Neighbours: People of a different race", "Q19", True),
        ("Democracy: Governments tax the rich and subsidise the poor.", "Q241", True),
        ("How much you trust: Your family (B)", "Q58", True),
        ("Family important (Colombia)", "Q1", False),
        ("Duty towards society to have children (3-point scale)", "Q37", False),
        ("Believe in: heaven", "Q167", False),
        ("Confidence: The Press", "Q67", False),
        ("Neighbors: People of a different region", "Q23", False),
        ("Unimportant in life: Family", "Q1", False),
        ("Income inequality", "Q106", False),
        ("Importent in life: Familly", "Q1", True),
        ("", "Q1", True),
        ("Important " * 10**5, "Q1", False),
    ],
)  # fmt: skip
def test_headers_are_compared_by_their_words(label: str, item: str, same: bool) -> None:
    assert fits(label, item) is same


def test_items_found_by_their_header_alone() -> None:
    headers = {"V75": "V75: Neighbours: Drug addicts", "V4": "V4: Important in life: Family",
               "V75_JP": "V75_JP: Neighbours: Heavy drinkers", "V80": "V80"}  # fmt: skip
    assert found_by_header(headers, ["Q18", "Q24", "Q1"]) == {"Q18": "V75", "Q1": "V4"}
    twice = {**headers, "V99": "V99: Neighbors: Drug addicts"}
    assert found_by_header(twice, ["Q18"]) == {}


def test_wave_4_has_the_variables_that_its_export_shows() -> None:
    assert columns_table()["wave_4"] == variables(4)
    differing = columns_table()["differs"]
    assert not differing.keys() & columns_table()["wave_4"].keys()
    assert set(columns_table()["by_header"]["wave_4"]) <= ITEMS.keys() - variables(4).keys()
