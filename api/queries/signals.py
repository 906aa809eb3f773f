"""Events of the rules."""

RULES = """
select rule, kind
from serving.signal_rules
order by rule
"""
