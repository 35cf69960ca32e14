select
    node.node_id,
    node.parent_id,
    member.level,
    node.depth,
    node.ordinal,
    opinion.node_id is not null as judged,
    opinion.rejected
from member
join node using (node_id)
left join (
    select
        node_id,
        min(filter) filter (where not kept) as rejected
    from verdict
    where recipe = ?
    group by node_id
) as opinion using (node_id)
where member.recipe = ?
order by node.depth, node.ordinal, node.node_id;
