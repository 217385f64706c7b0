"""Write `respondents.csv`: made-up respondents for R to count. Run from the repository's root."""

from __future__ import annotations

from pathlib import Path

from doxa.questionnaire import QuestionBank
from doxa.survey import synthetic

ITEMS = ("Q1", "Q42", "Q57", "Q119", "Q182", "Q241")

if __name__ == "__main__":
    bank = QuestionBank.load()
    made = synthetic(360, {name: bank.items[name] for name in ITEMS}, seed=20)
    columns = ["A_WAVE", "B_COUNTRY_ALPHA", "D_INTERVIEW", "W_WEIGHT", *ITEMS]
    made.frame.select(columns).write_csv(Path(__file__).with_name("respondents.csv"))
