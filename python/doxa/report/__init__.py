"""The report: tables, figures and one HTML file that a colleague can open."""

from doxa.report.figures import write_figures
from doxa.report.files import write_tables
from doxa.report.page import write_report

__all__ = ["write_figures", "write_report", "write_tables"]
