select
    node.node_id,
    node.parent_id,
    owner.level,
    node.ordinal
from node
join owner using (owners)
where owner.recipe = ?
order by node.node_id;
