select distinct selector
from pick
order by selector;
