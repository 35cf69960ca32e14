-- Some conversations, node by node from the root: kept ones, and of each filter some that it rejected.
-- $recipe: whose
-- $kept: how many kept ones
-- $each: how many of a filter
-- $most: how many rejected ones in all
-- $letters: how much of a text is told
-- They are the first by their ids, which are hashes. Where no level answers, any text of a model may be an end.
with recursive told as materialized (
    select
        fate.node_id,
        fate.fate,
        fate.filter,
        node.role,
        node.request_key is not null as written
    from fate
    join node using (node_id)
    where fate.recipe = $recipe
),
kept as (
    select
        node_id,
        null::varchar as filter
    from told
    where fate = 'kept'
    and written
    and (role = 'assistant' or not exists (from told where role = 'assistant'))
    order by node_id
    limit $kept
),
rejected as (
    select
        node_id,
        filter
    from told
    where fate = 'rejected'
    qualify row_number() over (partition by filter order by node_id) <= $each::bigint
    order by row_number() over (partition by filter order by node_id), filter
    limit $most
),
path as (
    select
        node_id as leaf_id,
        filter as rejected_by,
        node_id
    from (from kept union all from rejected)
    union all
    select
        path.leaf_id,
        path.rejected_by,
        node.parent_id
    from path
    join node using (node_id)
    where node.parent_id <> 0
)
select
    path.leaf_id,
    path.rejected_by,
    path.node_id,
    owner.level,
    node.role,
    node.request_key is null and node.role is null as given,
    left(node.text, $letters::bigint) as text,
    length(node.text) as letters,
    verdict.filter,
    left(verdict.reason, 160) as reason
from path
join node using (node_id)
join owner
    on owner.owners = node.owners
    and owner.recipe = $recipe
left join verdict
    on verdict.node_id = path.node_id
    and verdict.recipe = $recipe
    and not verdict.kept
order by path.rejected_by nulls first, path.leaf_id, node.depth, verdict.rowid;
