"""Charts of the options page, one module a view; what they share is in axes.py."""
