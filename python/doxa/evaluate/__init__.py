"""From runs, recordings and human counts to every table.

=============  ==========================================================
`evaluation`   `evaluate`: replies beside human counts
`tables`       the table of tables
`preset`       other people's rules of scoring
=============  ==========================================================
"""

from doxa.evaluate.evaluation import Evaluation, evaluate
from doxa.evaluate.preset import PRESETS, liu2026, score_by_preset
from doxa.evaluate.tables import TABLES, list_tables, make_table

__all__ = [
    "PRESETS",
    "TABLES",
    "Evaluation",
    "evaluate",
    "list_tables",
    "liu2026",
    "make_table",
    "score_by_preset",
]
