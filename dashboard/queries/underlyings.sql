-- One row per underlying that has a surface.
select underlying
from serving.option_surface
group by underlying
order by underlying
