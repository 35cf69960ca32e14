select node.number
from node
semi join wanted
    on node.parent_id = wanted.node_id
order by node.number;
