"""A questionnaire of one's own, as its author writes it."""

from __future__ import annotations

from typing import Final

__all__ = ["CSV", "TOML"]

TOML: Final = """\
[questionnaire]
name = "Working life"
language = "en"

[answers.agreement]
scale = "ordinal"
codes = [1, 2, 3, 4]
positions = [1, 2, 4, 5]
labels.en = ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]
labels.es = ["Muy de acuerdo", "De acuerdo", "En desacuerdo", "Muy en desacuerdo"]

[items.home]
answers = "agreement"
topic = "Place"
text = { en = "Should all work at home?", es = "¿Trabajar en casa?" }

[items.best]
text = "Where do people work best?"
scale = "nominal"
codes = [1, 2]
off_scale = [8]
labels = ["At home", "In an office", "Hard to say"]

[items.matter]
text = "How much does work matter to you?"
measures = "weight of work in life"
scale = "ordinal"
codes = [0, 1, 2, 3]
labelled = [0, 3]
labels = ["Not at all", "Very much"]
"""

CSV: Final = """\
item,topic,scale,code,off_scale,position,text:en,label:en,text:es,label:es
home,Place,,1,,1,Should all work at home?,Strongly agree,¿Trabajar en casa?,Muy de acuerdo
home,,,2,,2,,Agree,,De acuerdo
,,,3,,4,,Disagree,,En desacuerdo
,,,4,,5,,Strongly disagree,,Muy en desacuerdo

best,,nominal,1,,,Where do people work best?,At home,,
best,,,2,,,,In an office,,
best,,,8,yes,,,Hard to say,,
matter,,ordinal,0,,,How much does work matter to you?,Not at all,,
matter,,,1,,,,,,
matter,,,2,,,,,,
matter,,,3,,,,Very much,,
"""
