"""The options page: one module a view, and what they share in chains.py and parts.py."""

from dashboard.views.options.page import show

__all__ = ["show"]
