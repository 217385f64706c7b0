"""Compute every table from runs, recordings and human counts.

===============  =============================================================================
`people`         whose answers models are scored against
`questionnaire`  which questionnaire some runs asked
`bundle`         writes a run to a bundle, and compares one's people and items with those here
`sources`        folders, files and models' names → recordings
`evaluation`     `evaluate`: replies beside human counts
`tables`         the table of tables, and where each stands in the report
`baselines`      every score beside every kind of baseline
`personas`       the people that personas of groups are scored against
`preset`         scoring by the rules of another study
`published`      scores of a published study's models, to hold one's own beside
`account`        what became of every reply: scored, or left out and why
===============  =============================================================================
"""

from doxa.evaluate.account import Account, account_for
from doxa.evaluate.bundle import share_run
from doxa.evaluate.evaluation import Evaluation, evaluate
from doxa.evaluate.people import add_to_world, people_facts, read_people
from doxa.evaluate.preset import PRESETS, liu2026, score_by_preset
from doxa.evaluate.published import published_scores
from doxa.evaluate.questionnaire import questionnaire_of
from doxa.evaluate.sources import name_models, read_source, read_sources, rename_models
from doxa.evaluate.tables import TABLES, list_tables, make_table, make_tables

__all__ = [
    "PRESETS",
    "TABLES",
    "Account",
    "Evaluation",
    "account_for",
    "add_to_world",
    "evaluate",
    "list_tables",
    "liu2026",
    "make_table",
    "make_tables",
    "name_models",
    "people_facts",
    "published_scores",
    "questionnaire_of",
    "read_people",
    "read_source",
    "read_sources",
    "rename_models",
    "score_by_preset",
    "share_run",
]
