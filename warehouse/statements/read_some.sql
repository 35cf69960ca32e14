select
    node.*,
    null as recipe
from node
semi join wanted using (node_id)
order by node_id;
