with known as (
    select
        wanted.level,
        node.prompt_tokens,
        node.completion_tokens
    from wanted
    join node using (node_id)
    where node.request_key is not null
    union all
    select
        owner.level,
        node.prompt_tokens,
        node.completion_tokens
    from node
    join owner using (owners)
    where owner.recipe = ?
        and owner.level in (
            select level
            from asked
            anti join wanted using (level)
        )
        and node.request_key is not null
)
select
    level,
    avg(prompt_tokens) as prompt_tokens,
    avg(completion_tokens) as completion_tokens
from known
group by level
order by level;
