select
    node.* exclude (level) replace (spelled(node.request_key) as request_key),
    owner.recipe,
    owner.level
from node
join owner using (owners)
where owner.recipe = ?
order by node.depth, owner.level, node_id;
