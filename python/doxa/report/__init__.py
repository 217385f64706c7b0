"""The report: tables, figures and one HTML file that a colleague can open."""

from doxa.report.page import write_report

__all__ = ["write_report"]
