"""Each figure written as SVG, as PDF and as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.files import replacing
from doxa.outside.extras import require
from doxa.report.drawing import converted
from doxa.report.figures.culture import culture_figures
from doxa.report.figures.further import further_figures
from doxa.report.figures.languages import language_figures
from doxa.report.figures.models import model_figures
from doxa.report.figures.neighbours import neighbour_figures
from doxa.report.figures.parts import Shown
from doxa.report.figures.replies import reply_figures
from doxa.report.figures.scores import alignment_figures
from doxa.report.figures.steering import steering_figures
from doxa.report.figures.waves import wave_figures
from doxa.report.files import cannot_write

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation
    from doxa.report.figures.parts import Maker

__all__ = ["MAKERS", "write_figures"]

MAKERS: Final[tuple[Maker, ...]] = (
    alignment_figures,
    model_figures,
    steering_figures,
    neighbour_figures,
    reply_figures,
    language_figures,
    wave_figures,
    culture_figures,
    further_figures,
)
"""What draws the figures, in order; each gives names of files and charts."""


def write_figures(folder: Path | str, evaluation: Evaluation) -> list[Path]:
    """Write the report's figures, each as SVG, as PDF and as PNG.

    Parameters
    ----------
    folder : pathlib.Path or str
        Folder to write to; it is created if missing.
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it. Each model, elicitation and wave has figures of its
        own.

    Returns
    -------
    list of pathlib.Path
        The files written: ``forest-…``, ``heat-map-…``, one ``map-…`` and one ``verdicts-…``
        for each unsteered way of asking, ``steering-…`` where a steering can be measured,
        ``neighbours-…`` where the model is asked as several countries, ``leaderboard-…``,
        ``models-…``, ``difference-…`` and ``changes-…`` where models are set side by side,
        ``reliability-…``, ``language-gains-…`` and ``language-map-…`` where it was asked in several
        languages, ``nearest-wave-…`` where countries have several waves, ``culture-…``
        where the items of the cultural map were asked, and one for each further table on the page,
        with the table's name.
        PDF has its fonts within; PNG has two pixels for each of the page's.

    Raises
    ------
    MissingExtraError
        vl-convert is not installed.
    ReportError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> from doxa.evaluate import evaluate
    >>> from doxa.survey import sample
    >>> few = recording.replies.filter(model="alpha", elicitation="logprobs", steering="none")
    >>> small = evaluate(replace(recording, replies=few), sample(wave=7))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_figures(folder, small)
    >>> sorted({path.suffix for path in written})
    ['.pdf', '.png', '.svg']
    """
    require("vl_convert")
    shown = Shown(evaluation)
    folder = Path(folder)
    written = []
    try:
        for make in MAKERS:
            for name, figure in make(shown):
                language = "vega" if "/vega/" in figure.get("$schema", "") else "vegalite"
                svg = converted(f"{language}_to_svg", figure)
                contents = {
                    "svg": svg.encode(),
                    "pdf": converted("svg_to_pdf", svg),
                    "png": converted("svg_to_png", svg, scale=2),
                }
                for ending, content in contents.items():
                    with replacing(folder / f"{name}.{ending}") as partial:
                        partial.write_bytes(content)
                    written.append(folder / f"{name}.{ending}")
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written
