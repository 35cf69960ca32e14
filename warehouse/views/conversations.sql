create or replace view conversations as
with recursive parent as (
    select distinct above as number
    from node
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
    where node.above = 0
    and node.number in (from parent)
    union all
    select
        node.number,
        owner.recipe,
        case
            when node.role is null then path.messages
            else list_append(path.messages, {'role': node.role, 'content': node.text})
        end,
        case
            when node.role is null and node.request_key is null then list_append(path.topic, node.text)
            else path.topic
        end,
        path.tokens + case when node.role is null then 0 else coalesce(node.completion_tokens, 0) end
    from path
    join node
        on node.above = path.number
    join owner
        on owner.owners = node.owners
        and owner.recipe = path.recipe
    where node.number in (from parent)
)
select
    printf('%016x', node.node_id) as leaf_id,
    owner.recipe,
    owner.level,
    (len(path.messages) + 1) // 2 as turns,
    list_append(path.messages, {'role': node.role, 'content': node.text}) as messages,
    path.topic,
    path.tokens + coalesce(node.completion_tokens, 0) as tokens
from node
join owner using (owners)
join path
    on path.number = node.above
    and path.recipe = owner.recipe
where node.role = 'assistant'
and path.messages[1].role = 'user';
