select
    node.*,
    null as recipe
from node
semi join wanted
    on node.parent_id = wanted.node_id
order by node_id;
