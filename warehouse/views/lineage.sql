create or replace macro lineage(id) as table
with recursive path as (
    select
        number,
        above
    from located(id)
    union all
    select
        number,
        above
    from node
    where number in (
        select above
        from path
    )
)
select
    spelled(node.node_id) as node_id,
    case when node.parent_id <> 0 then spelled(node.parent_id) end as parent_id,
    run.recipe,
    node.* exclude (node_id, parent_id, number, above, owners)
    replace (spelled(node.request_key) as request_key),
    (node.request_key >> 1)::bigint as seed,
    run.git_commit,
    run.recipe_hash
from node
left join run using (run_id)
where node.number in (
    select unnest(list(number))
    from path
)
order by node.depth;

create or replace macro conversation(id) as table
select
    max_by(node_id, depth) as leaf_id,
    max_by(recipe, depth) as recipe,
    max_by(level, depth) as level,
    count(role) // 2 as turns,
    coalesce(list({'role': role, 'content': text} order by depth) filter (where role is not null), []) as messages,
    coalesce(list(text order by depth) filter (where role is null and request_key is null), []) as topic,
    coalesce(sum(completion_tokens) filter (where role is not null), 0)::bigint as tokens
from lineage(id);
