-- One row per underlying that has options; reason says, in words, why its newest chain has no volatility.
select underlying, max(reason) as reason
from serving.option_chains
group by underlying
order by underlying
