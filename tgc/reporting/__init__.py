"""A report on what a recipe has grown and made: one HTML page that needs nothing but itself."""

from tgc.reporting.answers import answers
from tgc.reporting.figures import told
from tgc.reporting.page import page
from tgc.reporting.values import Report

__all__ = ["Report", "answers", "page", "told"]
