"""Events of the rules."""

RULES = """
select rule
from serving.signal_rules
order by rule
"""
