select
    coalesce(run.recipe, '') as recipe,
    node.level,
    count(*) as nodes,
    sum(100 + strlen(node.text) + coalesce(strlen(node.value), 0))::bigint as bytes
from node
semi join wanted using (node_id)
left join run using (run_id)
group by all
order by recipe, min(node.depth), node.level;
