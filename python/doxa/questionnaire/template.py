"""What `doxa questionnaire new` writes: a questionnaire to be filled in."""

from __future__ import annotations

from typing import Final

__all__ = ["CSV", "TOML"]

TOML: Final = """\
# A questionnaire of your own. Ask it, and score it against people's answers:
#   doxa questionnaire check THIS_FILE
#   doxa ask --questionnaire THIS_FILE --model model.gguf --out runs/mine
#   doxa survey describe people.csv --questionnaire THIS_FILE --out people.toml
#   doxa survey import people.csv --described people.toml --questionnaire THIS_FILE --out people
#   doxa score runs/mine --human people

[questionnaire]
name = "Working life"
language = "en"                 # of the texts below that do not name their language

# A set of answers that several items share.
[answers.agreement]
scale = "ordinal"               # ordinal: the options have an order; nominal: they have none
codes = [1, 2, 3, 4]            # as in the people's data, from 0 to 126, in the order of the scale
labels = ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]
# positions = [1, 2, 4, 5]      # where the codes lie on the scale; evenly spaced without it
# off_scale = [8]               # options without a place on the scale; their labels come last

# An item: what is asked, and how it may be answered.
[items.home]
text = "Do you agree or disagree? “Everyone whose job allows it should be free to work from home.”"
answers = "agreement"
topic = "Place and time"        # may be left out

# Words in several languages; doxa has prompts in those that `doxa prompts export --help` names.
# [items.hours]
# text = { en = "…", es = "…" } # the labels then need both languages, too:
# answers = "agreement"         # labels = { en = [ … ], es = [ … ] }

# An item with a scale of its own.
[items.best]
text = "Where do people work best?"
scale = "nominal"
codes = [1, 2, 3, 8]
labels = ["At home", "In an office", "On the move", "It makes no difference"]
"""
"""Commented TOML."""

CSV: Final = """\
item,topic,scale,code,off_scale,text:en,label:en
home,Place and time,ordinal,1,,Do you agree or disagree? “Everyone whose job allows it should be \
free to work from home.”,Strongly agree
home,,,2,,,Agree
home,,,3,,,Disagree
home,,,4,,,Strongly disagree
home,,,8,yes,,Hard to say
best,,nominal,1,,Where do people work best?,At home
best,,,2,,,In an office
best,,,3,,,On the move
"""
"""A table with one row an option."""
