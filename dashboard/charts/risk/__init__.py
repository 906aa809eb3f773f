"""Charts of the risk page: a module per view."""
