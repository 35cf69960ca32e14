select number
from address
semi join wanted using (node_id)
union all
select number
from arrival
semi join wanted using (node_id)
order by number;
