select
    node.* exclude (level),
    member.recipe,
    member.level
from member
join node using (node_id)
where member.recipe = ?
order by node.depth, member.level, node_id;
