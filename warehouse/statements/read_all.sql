select
    node.* replace (spelled(node.request_key) as request_key),
    null as recipe
from node
order by depth, node_id;
