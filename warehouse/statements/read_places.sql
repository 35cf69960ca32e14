select
    node.node_id,
    node.parent_id,
    member.level,
    node.ordinal
from member
join node using (node_id)
where member.recipe = ?
order by node.node_id;
