"""The counts that doxa ships, with their citation and terms."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Final

import polars as pl

from doxa.errors import SurveyError
from doxa.files.tables import read_parquet
from doxa.survey.counts import check_counts

__all__ = ["CITATION", "TERMS", "sample"]

CITATION: Final = (
    "Haerpfer, C., Inglehart, R., Moreno, A., Welzel, C., Kizilova, K., Diez-Medrano, J., "
    "Lagos, M., Norris, P., Ponarin, E. & Puranen, B. (eds.) (2022). World Values Survey: "
    "Round Seven - Country-Pooled Datafile. Madrid, Spain & Vienna, Austria: JD Systems "
    "Institute & WVSA Secretariat. doi:10.14281/18241.24. The earlier rounds: Inglehart, R., "
    "Haerpfer, C., Moreno, A., Welzel, C., Kizilova, K., Diez-Medrano, J., Lagos, M., Norris, P., "
    "Ponarin, E. & Puranen, B. (eds.) (2018). World Values Survey: Round Six - Country-Pooled "
    "Datafile. doi:10.14281/18241.8, and (2018) World Values Survey: Round Five - "
    "Country-Pooled Datafile. https://www.worldvaluessurvey.org"
)
"""How to cite the shipped counts."""

TERMS: Final = (
    "The World Values Survey is free for non-profit use with citation. Its microdata may not "
    "be passed on; doxa ships tabulated counts and published shares only."
)
"""The terms under which the shipped counts may be used."""


def sample(wave: int | None = None) -> pl.DataFrame:
    """Give the World Values Survey counts that doxa ships.

    They cover Japan, the United States and Colombia in waves 5, 6 and 7, and Bangladesh in wave 7.
    Wave 7 has all 144 items of the questionnaire; waves 5 and 6 have the items that they asked on
    the same scale. Missing answers are not counted.

    Parameters
    ----------
    wave : {5, 6, 7}, optional
        The wave. Default: all three.

    Returns
    -------
    polars.DataFrame
        Human counts: `survey`, `wave`, `country`, `question`, `code`, `n`, `weighted_n`,
        `n_effective`.

    Raises
    ------
    SurveyError
        The sample has no such wave.

    Examples
    --------
    >>> sample(wave=7)["country"].unique().sort().to_list()
    ['BGD', 'COL', 'JPN', 'USA']
    """
    with as_file(files("doxa.survey").joinpath("wvs_sample.parquet")) as path:
        counts = check_counts(read_parquet(path), "the shipped sample")
    if wave is None:
        return counts
    chosen = counts.filter(pl.col("wave") == wave)
    if chosen.is_empty():
        waves = ", ".join(str(w) for w in counts["wave"].unique().sort())
        raise SurveyError(f"the shipped sample has no wave {wave}: it has {waves}")
    return chosen
