"""The report: one HTML file that a colleague can open, and its tables and figures as files.

From a run on disk to the report in three lines::

    counts = doxa.survey.sample()  # or doxa.survey.read_counts("human")
    evaluation = doxa.evaluate.evaluate("runs/x", counts)
    doxa.report.write_report("report.html", evaluation)

==================  ===================================================================
`page`              `write_report`: the HTML file
`answer`            whose opinions a model comes closest to, in a sentence
`sections`          its sections, in order
`card`              the picture that sites show beside a link to it
`summary`           its first sentences: what was asked of whom
`candidates`        the numbers that may be worth telling first
`findings`          the three that are told: the most surprising of those that are sure
`cautions`          what to know before reading a score
`steering_answers`  whether steering is worth it, in sentences
`methods`           how they were made, in sentences
`thoughts`          what they say of the thoughts before answers
`wordings`          what they say of the wording in each language
`payload`           the data that its charts are drawn from
`forms`             what the forms of an item are called
`items`             the data of the item explorer
`neighbours`        countries beside countries
`models`            models side by side, and beside published ones
`gains`             what each language changes, with its interval
`culture`           places on the cultural map
`nearest`           the wave that each way of asking is nearest to
`further`           tables that have no chart of their own
`tables`            what the frames have in common: conditions, columns, order
`blocks`            which data are unpacked only when a reader comes to them
`pack`              compressed blocks of data
`charts`            charts, as Vega-Lite specifications
`maps`              the world map, likewise
`model_charts`      charts of models side by side, likewise
`strip`             nearest waves on an axis of years, likewise
`culture_map`       the cultural map, as a Vega specification
`drawing`           what all charts share
`palette`           colours
`words`             names of things, and how numbers are written
`citation`          whom to cite
`files`             `write_tables`: CSV, Parquet, LaTeX
`paper`             tables in the form that a paper has room for
`latex`             the same for LaTeX
`figures/`          `write_figures`: SVG, PDF, PNG
`answers`           people's answers to one item: text, and a chart in a file
`terminal`          the alignment table for a terminal
`assets/`           the page's HTML, style sheet, scripts and outlines of countries
==================  ===================================================================
"""

from doxa.report.figures import write_figures
from doxa.report.files import write_tables
from doxa.report.page import write_report

__all__ = ["write_figures", "write_report", "write_tables"]
