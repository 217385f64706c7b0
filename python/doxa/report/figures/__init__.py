"""The report's figures as files of their own.

============  =============================================================================
`writing`     `write_figures`: SVG, PDF, PNG
`scores`      alignments: with intervals, as heat map, on the map
`models`      models side by side: in order, on maps, any two, what a change of asking does
`steering`    what each steering changes
`neighbours`  a model asked as each country, beside all
`replies`     what became of the replies
`languages`   what asking in each language changes
`waves`       which wave's people are nearest
`culture`     countries and models on the cultural map
`labels`      where labels of points stand
`further`     tables of estimates that share one kind of chart
`parts`       what all figures share
============  =============================================================================
"""

from doxa.report.figures.writing import write_figures

__all__ = ["write_figures"]
