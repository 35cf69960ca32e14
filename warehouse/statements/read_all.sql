select
    node.*,
    null as recipe
from node
order by depth, node_id;
