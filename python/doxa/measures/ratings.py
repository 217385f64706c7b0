"""Agreement of repeated ratings: intraclass correlation, Krippendorff, Fleiss, Cronbach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "IccKind",
    "Level",
    "cronbach_alpha",
    "fleiss_kappa",
    "intraclass_correlation",
    "krippendorff_alpha",
    "noise_to_signal",
    "spearman_brown",
]

IccKind = Literal["oneway", "consistency", "agreement"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]

ICC_KINDS: Final[tuple[IccKind, ...]] = get_args(IccKind)


def intraclass_correlation(
    ratings: ArrayLike, kind: IccKind = "agreement", *, average: bool = False
) -> float:
    """Tell how alike the ratings of one subject are, beside how much subjects differ.

    Parameters
    ----------
    ratings : (n, k) array of float
        One row a subject, one column a rater or a run; no gaps, n and k at least 2.
    kind : {"oneway", "consistency", "agreement"}
        "oneway" (Shrout and Fleiss's ICC(1,1)): each subject has raters of its own.
        "agreement" (ICC(2,1)): the same raters, whose differences in level are errors.
        "consistency" (ICC(3,1)): the same raters, whose differences in level are not.
    average : bool
        The reliability of the mean of all k ratings, in place of that of a single one.

    Returns
    -------
    float
        At most 1; below 0 where subjects differ less than their ratings do. NaN if all ratings
        are equal, or, for the mean of all ratings, if those of all subjects are.

    Raises
    ------
    InvalidArgumentError
        The table is too small or has gaps, or the kind is unknown.

    References
    ----------
    Shrout, P. E. & Fleiss, J. L. (1979). *Psychological Bulletin* 86(2), 420–428,
    doi:10.1037/0033-2909.86.2.420. McGraw, K. O. & Wong, S. P. (1996). *Psychological Methods*
    1(1), 30–46.

    Examples
    --------
    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...           [6, 2, 4, 7]]
    >>> [round(intraclass_correlation(judges, kind), 2) for kind in ICC_KINDS]
    [0.17, 0.71, 0.29]
    """
    table = _table("ratings", ratings)
    if kind not in ICC_KINDS:
        raise InvalidArgumentError(f"kind={kind!r}: name one of {', '.join(ICC_KINDS)}")
    return float(weighted_icc(table, np.ones((1, len(table))), kind, average=average)[0])


def weighted_icc(
    table: NDArray[np.float64], weights: NDArray[np.float64], kind: IccKind, *, average: bool
) -> NDArray[np.float64]:
    """Give an intraclass correlation in which each subject counts several times.

    Parameters
    ----------
    table : (n, k) array
        As in `intraclass_correlation`.
    weights : (replicates, n) array
        How often each subject counts.
    """
    table = table - table.mean()
    k = table.shape[1]
    n = weights.sum(axis=1)
    rows = table.mean(axis=1)
    columns = weights @ table / n[:, None]
    level = columns.mean(axis=1)
    of_rows = k * (weights @ rows**2 - n * level**2)
    of_columns = n * ((columns - level[:, None]) ** 2).sum(axis=1)
    total = weights @ (table**2).sum(axis=1) - n * k * level**2
    between = of_rows / (n - 1)
    if kind == "oneway":
        error = (total - of_rows) / (n * (k - 1))
        raters: NDArray[np.float64] | float = 0.0
    else:
        error = (total - of_rows - of_columns) / ((n - 1) * (k - 1))
        apart = of_columns / (k - 1) - error
        raters = k / n * apart if kind == "agreement" else 0.0
    spread = (raters / k if average else raters) + (0.0 if average else (k - 1) * error)
    below = between + spread
    # what rounding leaves of equal ratings is no variance
    varies = (total > 1e-20 * n * k) & (np.abs(below) > 1e-12 * total / (n * k))
    out = np.full(below.shape, np.nan)
    return np.asarray(np.divide(between - error, below, out=out, where=varies))


def krippendorff_alpha(ratings: ArrayLike, level: Level = "ordinal") -> float:
    """Tell how far raters agree beyond chance, whatever they left out.

    Parameters
    ----------
    ratings : (n, k) array of float
        One row a unit, one column a rater; NaN where a rater has not rated a unit.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How far apart two values are: any two equally; by the ratings between them; by their
        difference; by their difference as a part of their sum.

    Returns
    -------
    float
        At most 1; 0 for agreement by chance alone, below 0 for less. NaN if all values are equal,
        or no unit has two ratings.

    Raises
    ------
    InvalidArgumentError
        The table is too small, or the level is unknown.

    References
    ----------
    Krippendorff, K. (1970). *Educational and Psychological Measurement* 30(1), 61–70,
    doi:10.1177/001316447003000105; Hayes, A. F. & Krippendorff, K. (2007). *Communication Methods
    and Measures* 1(1), 77–89, doi:10.1080/19312450709336664.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1], [2, 2], [3, 3], [3, 2]], "nominal"), 3)
    0.667
    """
    table = _table("ratings", ratings, gaps=True)
    if level not in get_args(Level):
        raise InvalidArgumentError(f"level={level!r}: name one of {', '.join(get_args(Level))}")
    rated = ~np.isnan(table)
    table = table[rated.sum(axis=1) > 1]
    values = np.unique(table[~np.isnan(table)])
    if values.size < 2:
        return np.nan
    counts = (table[:, :, None] == values).sum(axis=1).astype(float)
    sizes = counts.sum(axis=1)
    shared = (counts / (sizes - 1)[:, None]).T @ counts - np.diag(
        (counts / (sizes - 1)[:, None]).sum(axis=0)
    )
    margins = counts.sum(axis=0)
    apart = _apart(values, margins, level)
    expected = margins @ apart @ margins
    return float(1 - (margins.sum() - 1) * (shared * apart).sum() / expected)


def _apart(
    values: NDArray[np.float64], margins: NDArray[np.float64], level: Level
) -> NDArray[np.float64]:
    """Give the squared difference of every two values."""
    difference = values[:, None] - values
    if level == "nominal":
        return np.asarray(difference != 0, float)
    if level == "ordinal":
        # ranks in the middle of equal values: their difference counts the ratings between
        middles = margins.cumsum() - margins / 2
        return np.asarray((middles[:, None] - middles) ** 2)
    if level == "interval":
        return np.asarray(difference**2)
    total = values[:, None] + values
    parts = np.divide(difference, total, out=np.zeros_like(total), where=total != 0)
    return np.asarray(parts**2)


def weighted_alpha(table: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give Krippendorff's alpha at the interval level, each unit counted several times.

    Parameters
    ----------
    table : (n, k) array
        Ratings without gaps.
    weights : (replicates, n) array
        How often each unit counts.
    """
    table = table - table.mean()
    k = table.shape[1]
    squares, sums = (table**2).sum(axis=1), table.sum(axis=1)
    n = k * weights.sum(axis=1)
    observed = weights @ (2 * (k * squares - sums**2) / (k - 1))
    expected = 2 * (n * (weights @ squares) - (weights @ sums) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1 - (n - 1) * observed / expected
    return np.asarray(np.where(expected > 1e-20 * n**2, alpha, np.nan))


def fleiss_kappa(counts: ArrayLike) -> float:
    """Tell how far raters agree on categories beyond chance.

    Parameters
    ----------
    counts : (n, q) array of float
        How many raters put each subject into each category; every row adds up to the same number
        of raters, 2 or more.

    Returns
    -------
    float
        At most 1; 0 for agreement by chance alone. NaN if one category has all ratings.

    Raises
    ------
    InvalidArgumentError
        The rows do not add up to the same number of raters.

    References
    ----------
    Fleiss, J. L. (1971). *Psychological Bulletin* 76(5), 378–382, doi:10.1037/h0031619.

    Examples
    --------
    >>> round(fleiss_kappa([[0, 3], [2, 1], [3, 0], [1, 2]]), 3)
    0.333
    """
    table = _table("counts", counts, least=1)
    raters = table.sum(axis=1)
    if (table < 0).any() or raters[0] < 2 or np.ptp(raters) > 0:
        raise InvalidArgumentError(
            "counts: every row must add up to the same number of raters, 2 or more"
        )
    return float(kappa(*agreement_by_chance(table, np.ones((1, len(table)))))[0])


def agreement_by_chance(
    counts: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the agreement of pairs of raters, and that which chance gives, per replicate."""
    raters = counts[0].sum()
    pairs = ((counts**2).sum(axis=1) - raters) / (raters * (raters - 1))
    n = weights.sum(axis=1)
    margins = weights @ counts / (n * raters)[:, None]
    return weights @ pairs / n, (margins**2).sum(axis=1)


def kappa(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put agreement on a scale on which chance is 0 and full agreement 1."""
    room = 1 - expected
    out = np.full(np.shape(room), np.nan)
    return np.asarray(np.divide(observed - expected, room, out=out, where=room > 1e-12))


def cronbach_alpha(scores: ArrayLike) -> float:
    """Tell how consistently items order respondents.

    Parameters
    ----------
    scores : (n, k) array of float
        One row a respondent (a person, a persona, a country), one column an item; all items must
        run in the same direction. No gaps, n and k at least 2.

    Returns
    -------
    float
        At most 1; below 0 where items contradict each other. NaN if the sums do not vary.

    Raises
    ------
    InvalidArgumentError
        The table is too small or has gaps.

    References
    ----------
    Cronbach, L. J. (1951). *Psychometrika* 16, 297–334, doi:10.1007/BF02310555.

    Examples
    --------
    >>> round(cronbach_alpha([[1, 2, 1], [2, 3, 3], [4, 3, 4], [5, 5, 4]]), 3)
    0.932
    """
    table = _table("scores", scores)
    return float(weighted_cronbach(table, np.ones((1, len(table))))[0])


def weighted_cronbach(
    table: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give Cronbach's alpha in which each respondent counts several times."""
    table = table - table.mean(axis=0)
    k = table.shape[1]
    n = weights.sum(axis=1)
    total = table.sum(axis=1)
    of_items = (weights @ table**2 - (weights @ table) ** 2 / n[:, None]).sum(axis=1)
    of_total = weights @ total**2 - (weights @ total) ** 2 / n
    with np.errstate(invalid="ignore", divide="ignore"):
        found = k / (k - 1) * (1 - of_items / of_total)
    return np.asarray(np.where(of_total > 1e-20 * n, found, np.nan))


def spearman_brown(reliability: float, factor: float = 2.0) -> float:
    """Predict the reliability of a measure that is `factor` times as long.

    Parameters
    ----------
    reliability : float
        Of the measure as it is, at most 1.
    factor : float
        Above 0; 2 turns the correlation of two halves into the reliability of the whole.

    Raises
    ------
    InvalidArgumentError
        An argument is out of its range.

    References
    ----------
    Spearman, C. (1910). *British Journal of Psychology* 3(3), 271–295,
    doi:10.1111/j.2044-8295.1910.tb00206.x; Brown, W. (1910), 3(3), 296–322,
    doi:10.1111/j.2044-8295.1910.tb00207.x.

    Examples
    --------
    >>> round(spearman_brown(0.6), 6)
    0.75
    """
    if not (factor > 0 and reliability <= 1):
        raise InvalidArgumentError(
            f"reliability={reliability!r}, factor={factor!r}: give at most 1, and more than 0"
        )
    below = 1 + (factor - 1) * reliability
    return factor * reliability / below if below else np.nan


def noise_to_signal(seed_sd: float, prompt_sd: float, signal_sd: float) -> float:
    """Divide what answers vary with by chance and by wording by what they vary with by persona.

    Parameters
    ----------
    seed_sd, prompt_sd, signal_sd : float
        Standard deviations over draws, over wordings and over personas, at least 0.

    Returns
    -------
    float
        At least 0; above 1 the noise is larger than the signal. NaN without a signal.

    Raises
    ------
    InvalidArgumentError
        A standard deviation is below 0.

    Examples
    --------
    >>> round(noise_to_signal(0.05, 0.1, 0.3), 6)
    0.5
    """
    if min(seed_sd, prompt_sd, signal_sd) < 0:
        raise InvalidArgumentError("a standard deviation below 0: give numbers from 0 on")
    return (seed_sd + prompt_sd) / signal_sd if signal_sd > 0 else np.nan


def _table(
    name: str, values: ArrayLike, *, gaps: bool = False, least: int = 2
) -> NDArray[np.float64]:
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or table.shape[0] < least or table.shape[1] < 2:
        raise InvalidArgumentError(
            f"{name} of shape {table.shape}: give a table of two rows and columns or more"
        )
    if np.isinf(table).any() or (np.isnan(table).any() and not gaps):
        raise InvalidArgumentError(f"{name}: a value is missing or infinite; leave the row out")
    return table
