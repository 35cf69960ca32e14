select distinct on (request_key)
    node.*,
    null as recipe
from node
semi join wanted using (request_key)
order by request_key, node_id;
