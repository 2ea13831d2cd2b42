"""The report as one HTML file that needs no other: statements in MathML, instances as pictures, no script."""

from proofs_check.html_report.page import html_report

__all__ = ["html_report"]
