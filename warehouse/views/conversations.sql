-- Most nodes are the last of a path or the one before: they stream through two joins, and only what is above those is
-- put together level by level, which DuckDB does in memory.
create or replace view conversations as
with recursive parent as materialized (
    select distinct above as number
    from node
    where above <> 0
),
grandparent as materialized (
    select distinct above as number
    from node
    where number in (
        select number
        from parent
    )
),
inner_node as materialized (
    select
        number,
        above,
        owners,
        role,
        text,
        request_key is null as given,
        completion_tokens
    from node
    where number in (
        select number
        from grandparent
    )
),
path as (
    select
        node.number,
        owner.recipe,
        case when role is null then [] else [{'role': role, 'content': text}] end as messages,
        case when role is null and request_key is null then [text] else [] end as topic,
        case when role is null then 0 else coalesce(completion_tokens, 0) end as tokens
    from node
    join owner using (owners)
    where above = 0
    and number in (
        select number
        from grandparent
    )
    union all
    select
        inner_node.number,
        owner.recipe,
        case
            when role is null then path.messages
            else list_append(path.messages, {'role': role, 'content': text})
        end,
        case when role is null and given then list_append(path.topic, text) else path.topic end,
        path.tokens + case when role is null then 0 else coalesce(completion_tokens, 0) end
    from path
    join inner_node
        on inner_node.above = path.number
    join owner
        on owner.owners = inner_node.owners
        and owner.recipe = path.recipe
),
above as (
    select
        node.number,
        node.above,
        owner.recipe,
        node.role,
        node.text,
        node.request_key is null as given,
        node.completion_tokens
    from node
    join owner using (owners)
    where node.number in (
        select number
        from parent
    )
),
spoken as (
    select
        node.node_id,
        owner.recipe,
        owner.level,
        coalesce(path.messages, [])
        || case when above.role is null then [] else [{'role': above.role, 'content': above.text}] end
        || [{'role': node.role, 'content': node.text}] as messages,
        coalesce(path.topic, []) || case when above.role is null and above.given then [above.text] else [] end as topic,
        coalesce(path.tokens, 0)
        + case when above.role is null then 0 else coalesce(above.completion_tokens, 0) end
        + coalesce(node.completion_tokens, 0) as tokens
    from node
    join owner using (owners)
    join above
        on above.number = node.above
        and above.recipe = owner.recipe
    left join path
        on path.number = above.above
        and path.recipe = owner.recipe
    where node.role = 'assistant'
    and coalesce(path.messages[1].role, above.role) = 'user'
)
select
    printf('%016x', node_id) as leaf_id,
    recipe,
    level,
    len(messages) // 2 as turns,
    messages,
    topic,
    tokens
from spoken;
