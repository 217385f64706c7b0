"""The human side: from survey files to counts of answers."""

from doxa.survey.counts import COUNT_COLUMNS, check_counts, read_counts
from doxa.survey.crosswalk import crosswalk
from doxa.survey.described import DescribedSurvey, describe_survey
from doxa.survey.grouping import Grouping
from doxa.survey.importing import Imported, import_files
from doxa.survey.info import DataReport, describe
from doxa.survey.microdata import Microdata, PopulationView
from doxa.survey.opinions import OpinionsReport, holds_global_opinions, read_global_opinions
from doxa.survey.reading import SurveyFile, read_survey
from doxa.survey.sample import CITATION, TERMS, sample
from doxa.survey.synthetic import Synthetic, synthetic

__all__ = [
    "CITATION",
    "COUNT_COLUMNS",
    "TERMS",
    "DataReport",
    "DescribedSurvey",
    "Grouping",
    "Imported",
    "Microdata",
    "OpinionsReport",
    "PopulationView",
    "SurveyFile",
    "Synthetic",
    "check_counts",
    "crosswalk",
    "describe",
    "describe_survey",
    "holds_global_opinions",
    "import_files",
    "read_counts",
    "read_global_opinions",
    "read_survey",
    "sample",
    "synthetic",
]
