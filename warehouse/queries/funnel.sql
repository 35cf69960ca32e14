-- Per recipe and level: how many nodes were generated, kept, and rejected by which filter.
with rejection as (
    select
        recipe,
        node_id,
        filter
    from verdicts
    where not kept
),
rejected as (
    select
        nodes.recipe,
        nodes.level,
        rejection.filter,
        count(*) as nodes
    from rejection
    join nodes using (recipe, node_id)
    group by all
),
level as (
    select
        nodes.recipe,
        nodes.level,
        min(nodes.depth) as depth,
        count(distinct nodes.node_id) as generated,
        count(distinct rejection.node_id) as rejected
    from nodes
    left join rejection using (recipe, node_id)
    group by all
)
select
    level.recipe,
    level.level,
    level.generated,
    level.generated - level.rejected as kept,
    rejected.filter as rejected_by,
    coalesce(rejected.nodes, 0) as rejected
from level
left join rejected using (recipe, level)
order by recipe, depth, level, rejected_by;
