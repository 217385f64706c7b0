"""Groups of people: texts such as "sex=female,age=60+", and grids such as "sex×age×education".

The variables and their categories are those by which answers of people can be split: see
``subpopulations.toml`` of `doxa.survey`. Ages may be cut anywhere.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.errors import ExperimentError
from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "AGE",
    "AGE_FORMS",
    "CATEGORIES",
    "Band",
    "age_band",
    "axes_of",
    "cut_ages",
    "differ_in",
    "expand_groups",
    "group_name",
    "parse_group",
    "text_key",
    "variables_of",
]

AGE: Final = "age"
"""The variable whose groups are bands of years, which may be cut anywhere."""

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = read_only(
    {
        "sex": ("male", "female"),
        AGE: ("<30", "30-49", "50+"),
        "education": ("lower", "middle", "higher"),
        "town_size": (
            "under 5,000", "5,000-20,000", "20,000-100,000", "100,000-500,000", "500,000 or more",
        ),
        "religion": (
            "none", "Catholic", "Protestant", "Orthodox", "Jewish", "Muslim", "Hindu", "Buddhist",
            "other Christian", "other",
        ),
        "income": ("low", "middle", "high"),
        "children": ("none", "1-2", "3 or more"),
        "employment": ("employed", "retired", "homemaker", "student", "unemployed", "other"),
        "marital_status": (
            "married or living as married", "divorced, separated or widowed", "single",
        ),
    }
)  # fmt: skip
"""The categories of each variable, in the order of a group's text; of ages, those cut by default.
"""

AGE_FORMS: Final[Mapping[str, frozenset[str]]] = read_only(
    {
        "under": frozenset({"to"}),
        "between": frozenset({"from", "to"}),
        "over": frozenset({"from"}),
    }
)
"""The forms of the words for a band of ages, with the names in braces that each holds."""

_OLDEST: Final = 120
_MOST_GROUPS: Final = 1000
_BANDS: Final = (
    (re.compile(r"<\s*(\d+)|under (\d+)"), lambda n: (0, n - 1)),
    (re.compile(r"(\d+) or (?:under|younger)|<=\s*(\d+)"), lambda n: (0, n)),
    (re.compile(r"(\d+)\s*\+|(\d+) or (?:over|older)|>=\s*(\d+)"), lambda n: (n, _OLDEST)),
)
_BETWEEN: Final = re.compile(r"(\d+)\s*[-–]\s*(<?)\s*(\d+)")
_AXIS: Final = rf"(?:{'|'.join(CATEGORIES)})(?::[\d,\s]+)?"
_GRID: Final = re.compile(rf"\s*{_AXIS}(?:\s*[x×]\s*{_AXIS})*\s*")


class Band(NamedTuple):
    """A band of ages in whole years, both ends in it."""

    first: int
    last: int

    def __str__(self) -> str:
        """Write it as a category: "<30", "30-49", "60+"."""
        if self.last >= _OLDEST:
            return f"{self.first}+"
        return f"{self.first}-{self.last}" if self.first else f"<{self.last + 1}"


def age_band(text: str) -> Band | None:
    """Read a band of ages; None for another text.

    Examples
    --------
    >>> [str(age_band(one)) for one in ("60+", "29 or under", "30-<50", "30-49", "old")]
    ['60+', '<30', '30-49', '30-49', 'None']
    """
    text = " ".join(text.split())
    for pattern, ends in _BANDS:
        if found := pattern.fullmatch(text):
            band = Band(*ends(int(next(filter(None, found.groups())))))
            break
    else:
        found = _BETWEEN.fullmatch(text)
        if not found:
            return None
        band = Band(int(found[1]), int(found[3]) - bool(found[2]))
    return band if band.first <= band.last <= _OLDEST else None


def cut_ages(cuts: Sequence[float]) -> tuple[str, ...]:
    """Give the bands between ages.

    Raises
    ------
    ExperimentError
        The ages do not increase, or are not whole years from 1 to 120.

    Examples
    --------
    >>> cut_ages([30, 60])
    ('<30', '30-59', '60+')
    """
    years = [int(cut) for cut in cuts]
    if years != list(cuts) or years != sorted(set(years)) or not 0 < years[0] <= years[-1] < 120:
        shown = ",".join(f"{cut:g}" for cut in cuts)
        raise ExperimentError(f"{AGE}:{shown}: write increasing whole years, such as age:30,60")
    edges = [0, *years, _OLDEST + 1]
    return tuple(str(Band(low, high - 1)) for low, high in itertools.pairwise(edges))


@functools.lru_cache(maxsize=4096)
def parse_group(text: str) -> tuple[tuple[str, str], ...]:
    """Read a group: its variables, in the order of `CATEGORIES`, with their categories.

    Parameters
    ----------
    text : str
        "variable=category", joined by commas, such as "sex=female,age=60+"; "" for everyone.

    Raises
    ------
    ExperimentError
        A variable or category is unknown, or a variable is there twice; the message names those
        that there are.

    Examples
    --------
    >>> parse_group("age = 60 or older, sex=Female")
    (('sex', 'female'), ('age', '60+'))
    """
    found: dict[str, str] = {}
    # a category may hold a comma itself
    for part in re.split(r",\s*(?=\w+\s*=)", text.strip()) if text.strip() else []:
        name, equals, category = (piece.strip() for piece in part.partition("="))
        if not equals or name not in CATEGORIES:
            raise ExperimentError(
                f"persona {text!r}: no variable {name!r}: write one of {', '.join(CATEGORIES)} "
                "with its category, such as sex=female,age=60+"
            )
        if name in found:
            raise ExperimentError(f"persona {text!r}: {name} is there twice: name it once")
        found[name] = _category(name, category, text)
    return tuple((name, found[name]) for name in CATEGORIES if name in found)


def _category(name: str, category: str, text: str) -> str:
    if name == AGE:
        band = age_band(category)
        if band is None:
            raise ExperimentError(
                f"persona {text!r}: no age {category!r}: write 60+, 30-59 or <30, in whole years "
                f"up to {_OLDEST}"
            )
        return str(band)
    known = {one.casefold(): one for one in CATEGORIES[name]}
    if category.casefold() not in known:
        raise ExperimentError(
            f"persona {text!r}: no {name} {category!r}: there are {'; '.join(known.values())}"
        )
    return known[category.casefold()]


def group_name(pairs: Iterable[tuple[str, str]]) -> str:
    """Write a group as `parse_group` gives it: the one text that stands for it everywhere.

    Examples
    --------
    >>> group_name(parse_group("age=60-120,sex=FEMALE"))
    'sex=female,age=60+'
    """
    return ",".join(f"{name}={category}" for name, category in pairs)


def variables_of(group: str) -> tuple[str, ...]:
    """Name the variables of a group's text.

    Examples
    --------
    >>> variables_of("sex=female,age=60+")
    ('sex', 'age')
    """
    return tuple(name for name, _ in parse_group(group))


def axes_of(group: str) -> str:
    """Name the split that a group is of: its variables, joined by "×".

    Examples
    --------
    >>> axes_of("sex=female,age=60+")
    'sex×age'
    """
    return "×".join(variables_of(group))


@functools.lru_cache(maxsize=65536)
def differ_in(a: str, b: str) -> tuple[str, ...]:
    """Name the variables in which two groups of one split have no people in common.

    Examples
    --------
    >>> differ_in("sex=female,age=60+", "sex=female,age=<30"), differ_in("age=60+", "age=50+")
    (('age',), ())
    """
    return tuple(
        name
        for (name, one), (_, other) in zip(parse_group(a), parse_group(b), strict=True)
        if one != other and not (name == AGE and _overlap(one, other))
    )


def _overlap(a: str, b: str) -> bool:
    one, other = age_band(a), age_band(b)
    return bool(one and other and one.first <= other.last and other.first <= one.last)


def expand_groups(texts: Iterable[str]) -> list[str]:
    """List the groups that texts stand for, each once.

    Parameters
    ----------
    texts : iterable of str
        Groups, as for `parse_group`; or grids: variables joined by "×" or "x", each of whose
        categories is combined with each of the others'. "age:30,60" cuts ages at these years.

    Raises
    ------
    ExperimentError
        As from `parse_group` and `cut_ages`; or a text is empty, names a variable twice, or
        stands for more than 1,000 groups.

    Examples
    --------
    >>> expand_groups(["sex x age:60", "sex=female,age=60+", "sex=male"])
    ['sex=male,age=<60', 'sex=male,age=60+', 'sex=female,age=<60', 'sex=female,age=60+', 'sex=male']
    """
    found: dict[str, None] = {}
    for text in texts:
        if _GRID.fullmatch(text):
            found |= dict.fromkeys(_grid(text))
        elif not text.strip() or "=" not in text:
            raise ExperimentError(
                f"persona {text!r}: write a group, such as sex=female,age=60+, or a grid of "
                f"{', '.join(CATEGORIES)}, such as sex×age×education or sex×age:30,60"
            )
        else:
            found[group_name(parse_group(text))] = None
    if len(found) > _MOST_GROUPS:
        raise ExperimentError(
            f"personas of {len(found):,} groups: ask for {_MOST_GROUPS:,} or fewer, with fewer "
            "variables in a grid"
        )
    return list(found)


def _grid(text: str) -> list[str]:
    axes: dict[str, tuple[str, ...]] = {}
    for axis in re.findall(_AXIS, text):
        name, _, cuts = axis.partition(":")
        if name in axes:
            raise ExperimentError(f"persona {text!r}: {name} is there twice: name it once")
        if cuts and name != AGE:
            raise ExperimentError(f"persona {text!r}: only ages can be cut: write {name} alone")
        years = [float(cut) for cut in cuts.split(",") if cut.strip()]
        axes[name] = cut_ages(years) if years else CATEGORIES[name]
    ordered = [name for name in CATEGORIES if name in axes]
    return [
        group_name(zip(ordered, categories, strict=True))
        for categories in itertools.product(*(axes[name] for name in ordered))
    ]


def text_key(category: str) -> str:
    """Give the key of a category's words in the ``[groups]`` table of a language.

    Examples
    --------
    >>> text_key("divorced, separated or widowed"), text_key("5,000-20,000")
    ('divorced_separated_or_widowed', '5000_20000')
    """
    return re.sub(r"[^a-z0-9]+", "_", category.replace(",", "").casefold()).strip("_")
