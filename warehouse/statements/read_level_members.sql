select node.node_id
from node
join owner using (owners)
where owner.recipe = ?
    and owner.level = ?;
