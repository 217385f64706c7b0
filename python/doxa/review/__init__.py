"""A language is read by those who speak it: a sheet goes out, and comes back into its file.

=============  ====================================================================
`places`       every text of a language, beside the English one, with what it measures
`record`       who read which text, and what they said of it
`sheet`        `write_sheet`: the sheet, as xlsx, CSV or a page to print
`reading`      `read_sheet`: what a reviewer wrote into a sheet
`toml_text`    a TOML file that is changed in places, its comments and layout kept
`corrections`  `take_sheet`: corrections into the file of the language
=============  ====================================================================
"""

from doxa.review.corrections import Taken, take_sheet
from doxa.review.record import record_folder
from doxa.review.sheet import write_sheet

__all__ = ["Taken", "record_folder", "take_sheet", "write_sheet"]
