select
    node.* exclude (level),
    owner.recipe,
    owner.level
from node
join owner using (owners)
where owner.recipe = ?
order by node.depth, owner.level, node_id;
