select
    node_id,
    number
from address
semi join wanted using (node_id)
union all
select
    node_id,
    number
from arrival
semi join wanted using (node_id)
order by number;
