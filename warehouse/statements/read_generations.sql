select distinct on (request_key)
    node.* replace (coalesce(value::varchar, text) as text),
    null as recipe
from node
semi join wanted using (request_key)
order by request_key, node_id;
