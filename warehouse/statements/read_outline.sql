select
    node.node_id,
    node.parent_id,
    owner.level,
    node.depth,
    node.ordinal,
    opinion.node_id is not null as judged,
    opinion.rejected
from node
join owner using (owners)
left join (
    select
        node_id,
        min(filter) filter (where not kept) as rejected
    from verdict
    where recipe = ?
    group by node_id
) as opinion using (node_id)
where owner.recipe = ?
order by node.depth, node.ordinal, node.node_id;
