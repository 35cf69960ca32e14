select
    member.level,
    avg(node.prompt_tokens) as prompt_tokens,
    avg(node.completion_tokens) as completion_tokens
from member
join node using (node_id)
left join wanted using (node_id)
where
    member.recipe = ?
    and node.request_key is not null
group by
    member.level,
    wanted.node_id is not null
order by
    member.level,
    wanted.node_id is not null;
