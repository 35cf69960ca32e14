create or replace view nodes as
select
    spelled(node.node_id) as node_id,
    case when node.parent_id <> 0 then spelled(node.parent_id) end as parent_id,
    owner.recipe,
    owner.level,
    node.ordinal,
    node.depth,
    node.role,
    node.text,
    node.value,
    node.prompt_tokens,
    node.completion_tokens,
    node.finish_reason,
    node.mean_logprob,
    node.model,
    (node.request_key >> 1)::bigint as seed,
    node.run_id,
    node.created_at
from node
join owner using (owners);
