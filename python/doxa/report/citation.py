"""Whom to cite for the data and the software."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import doxa
from doxa.survey import CITATION, TERMS
from doxa.survey.world import source_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Citations", "citations"]

_WVS_BIBTEX = """\
@misc{wvs7,
  title     = {World Values Survey: Round Seven -- Country-Pooled Datafile},
  editor    = {Haerpfer, C. and Inglehart, R. and Moreno, A. and Welzel, C. and Kizilova, K. and
               Diez-Medrano, J. and Lagos, M. and Norris, P. and Ponarin, E. and Puranen, B.},
  year      = {2022},
  publisher = {JD Systems Institute and WVSA Secretariat},
  address   = {Madrid, Spain and Vienna, Austria},
  doi       = {10.14281/18241.24}
}"""


@dataclass(frozen=True, slots=True)
class Citations:
    """What a reader needs in order to cite: sentences and BibTeX entries."""

    sentences: tuple[str, ...]
    bibtex: str


def citations(surveys: Sequence[str], sources: Iterable[str | None] = ()) -> Citations:
    """Gather the citations of surveys and of doxa.

    Parameters
    ----------
    surveys : sequence of str
        Names as in human counts. Only the World Values Survey, ``"WVS"``, has an entry.
    sources : iterable of str or None
        What their column `source` names; the shipped ones are told with their terms.

    Examples
    --------
    >>> citations(["WVS"]).bibtex.count("@")
    2
    """
    software = (
        f"@software{{doxa,\n  title   = {{doxa: whose opinions does a language model express?}},\n"
        f"  author  = {{{{doxa developers}}}},\n  version = {{{doxa.__version__}}}\n}}"
    )
    if "WVS" in surveys:
        told = (CITATION, TERMS, *source_lines(sources))
        return Citations(told, f"{_WVS_BIBTEX}\n\n{software}")
    return Citations((), software)
