with known as (
    select
        level,
        node_id
    from wanted
    union all
    select
        level,
        node_id
    from member
    semi join asked using (level)
    anti join wanted using (level)
    where recipe = ?
)
select
    known.level,
    avg(node.prompt_tokens) as prompt_tokens,
    avg(node.completion_tokens) as completion_tokens
from known
join node using (node_id)
where node.request_key is not null
group by known.level
order by known.level;
