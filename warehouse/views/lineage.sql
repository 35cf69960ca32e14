-- A third of the time goes to planning, which is soonest done with columns by name, and with `format` for so few ids.
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
    format('{:016x}', node.node_id) as node_id,
    case when node.parent_id <> 0 then format('{:016x}', node.parent_id) end as parent_id,
    run.recipe,
    node.level,
    node.ordinal,
    node.depth,
    node.role,
    node.text,
    node.value,
    format('{:016x}', node.request_key) as request_key,
    node.prompt_tokens,
    node.completion_tokens,
    node.finish_reason,
    node.mean_logprob,
    node.model,
    (node.request_key >> 1)::bigint as seed,
    node.run_id,
    node.created_at,
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
from lineage(id)
having count(*) > 0;
