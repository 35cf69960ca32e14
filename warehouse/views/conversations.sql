create or replace view conversations as
with recursive held as (
    select
        member.recipe,
        member.level,
        node.*
    exclude (level)
    from member
    join node using (node_id)
),
path as (
    select
        recipe,
        level,
        node_id,
        role,
        case when role is null then [] else [{'role': role, 'content': text}] end as messages,
        case when role is null and request_key is null then [text] else [] end as topic,
        case when role is null then 0 else coalesce(completion_tokens, 0) end as tokens
    from held
    where parent_id = 0
    union all
    select
        path.recipe,
        held.level,
        held.node_id,
        held.role,
        case
            when held.role is null then path.messages
            else list_append(path.messages, {'role': held.role, 'content': held.text})
        end,
        case
            when held.role is null and held.request_key is null then list_append(path.topic, held.text)
            else path.topic
        end,
        path.tokens + case when held.role is null then 0 else coalesce(held.completion_tokens, 0) end
    from path
    join held
        on held.parent_id = path.node_id
        and held.recipe = path.recipe
)
select
    printf('%016x', node_id) as leaf_id,
    recipe,
    level,
    len(messages) // 2 as turns,
    messages,
    topic,
    tokens
from path
where role = 'assistant'
and messages[1].role = 'user';
