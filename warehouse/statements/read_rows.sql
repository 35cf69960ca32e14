select
    node.node_id,
    node.rowid as place
from node
semi join wanted using (node_id)
order by place;
