"""Measurements: each script prints its figures; nothing here is asserted in tests."""
