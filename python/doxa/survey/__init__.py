"""The human side: from survey files to counts of answers."""

from doxa.survey.counts import COUNT_COLUMNS, check_counts, read_counts
from doxa.survey.sample import CITATION, TERMS, sample

__all__ = ["CITATION", "COUNT_COLUMNS", "TERMS", "check_counts", "read_counts", "sample"]
