"""Human answers: from survey files to counts of answers.

================  ================================================================================
`reading`         `read_survey`: from a file's columns to microdata
`source`          opening a file of any kind; `delimited`, `statistical` and `xlsx` read the kinds
`workbook`        the parts of an xlsx file, read as a stream
`budget`          how much reading one file may cost
`known`           the survey files that doxa knows: two tables, one row for each kind of file
`layout`          `Layout`: in which variables a file keeps what
`wvs`             layouts of the World Values Survey's files, with ``time_series.toml``
`waves`           of which wave a file is
`country_column`  which column names the country, with ``cow.csv``
`columns`         how columns are headed, and the variables of wave 4, in ``columns.toml``
`described`       layouts that a user describes in TOML
`design`          strata and clusters, and the effective size of a sample
`drafting`        a first draft of such a description
`respondents`     the population and the weight of each row, and repeated rows
`grouping`        `Grouping`: subpopulations; `subpopulations`: those with ready names
`codes`           from a file's cells to compact codes
`labels`          the words by which files name answers, in ``labels.toml``
`matching`        from the text of one cell to a code
`worded`          labels of missing answers that take much of an item
`own_labels`      labels that a user settles, and those to settle
`countries`       countries by code or name, in ``countries.csv``
`microdata`       `Microdata`: respondents by items, and their counts
`counts`          counts of answers, checked: `read_counts`
`data_report`     what a file with respondents holds
`published`       published shares, without respondents, and what a file of them holds
`opinions`        GlobalOpinionQA, a file of published shares; `shifted_labels`: its wrong names
`importing`       `import_files`: survey files into a folder
`manifest`        what such a folder holds
`culture`         where the published cultural map puts countries
`crosswalk`       where the survey's files keep each item
`sample`          counts that doxa ships
`world`           these, and the published shares that it ships: 65 countries
`group_counts`    the counts of groups that personas stand for, and their shares
`holdings`        what counts hold: the map of countries and waves
`pooling`         counts of fine groups, put together
`weight_effects`  what weights do to shares
`synthetic`       made-up microdata with a known truth
================  ================================================================================

To add a survey: describe it in a TOML file (`described`), or write a reader and give it a row in
`known`.
"""

from doxa.survey.counts import COUNT_COLUMNS, check_counts, read_counts
from doxa.survey.crosswalk import crosswalk
from doxa.survey.data_report import DataReport, describe
from doxa.survey.described import DescribedSurvey, describe_survey
from doxa.survey.group_counts import group_counts, group_shares
from doxa.survey.grouping import Grouping
from doxa.survey.holdings import holdings
from doxa.survey.importing import Imported, import_files
from doxa.survey.microdata import Microdata, PopulationView
from doxa.survey.opinions import holds_global_opinions, read_global_opinions
from doxa.survey.published import OpinionsReport
from doxa.survey.reading import SurveyFile, read_survey
from doxa.survey.sample import CITATION, TERMS, sample
from doxa.survey.synthetic import Synthetic, synthetic
from doxa.survey.weight_effects import weight_effects
from doxa.survey.world import SOURCES, ShippedSource, world, world_summary

__all__ = [
    "CITATION",
    "COUNT_COLUMNS",
    "SOURCES",
    "TERMS",
    "DataReport",
    "DescribedSurvey",
    "Grouping",
    "Imported",
    "Microdata",
    "OpinionsReport",
    "PopulationView",
    "ShippedSource",
    "SurveyFile",
    "Synthetic",
    "check_counts",
    "crosswalk",
    "describe",
    "describe_survey",
    "group_counts",
    "group_shares",
    "holdings",
    "holds_global_opinions",
    "import_files",
    "read_counts",
    "read_global_opinions",
    "read_survey",
    "sample",
    "synthetic",
    "weight_effects",
    "world",
    "world_summary",
]
