from __future__ import annotations

import doxa
from doxa.report.citation import citations
from doxa.survey import CITATION, TERMS


def test_the_survey_and_the_software_are_cited() -> None:
    found = citations(["ESS", "WVS"])
    assert found.sentences == (CITATION, TERMS)
    assert "10.14281/18241.24" in found.bibtex
    assert f"version = {{{doxa.__version__}}}" in found.bibtex
    assert found.bibtex.count("{") == found.bibtex.count("}")


def test_other_surveys_are_their_users_to_cite() -> None:
    found = citations(["ESS"])
    assert found.sentences == ()
    assert found.bibtex.startswith("@software{doxa,")


def test_shipped_sources_are_told_with_their_terms() -> None:
    found = citations(["WVS"], ["globalopinionqa", "mine.csv", None])
    assert len(found.sentences) == 3
    assert "Durmus" in found.sentences[-1]
    assert "CC BY-NC-SA 4.0" in found.sentences[-1]


def test_a_round_is_cited_with_one_year() -> None:
    found = citations(["WVS"])
    assert "(2022). World Values Survey: Round Seven" in found.sentences[0]
    assert "year      = {2022}" in found.bibtex
