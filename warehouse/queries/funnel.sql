-- From the nodes of each level to the rows of the newest mix: held, rejected by which filter, kept.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- What is `below rejected` hangs below a node that a filter rejected; a conversation ends at each answer that is kept.
with counted as materialized (
    select
        recipe,
        level,
        fate,
        filter,
        count(*) as nodes,
        any_value(node_id) as node_id
    from fate
    where recipe glob $recipe
    group by all
),
level as (
    select
        counted.recipe,
        counted.level,
        any_value(node.depth) as depth,
        any_value(node.role) as role,
        sum(counted.nodes) as held
    from counted
    join node using (node_id)
    group by all
),
newest as (
    select
        recipe,
        max(mix_id) as mix_id
    from mix
    where recipe glob $recipe
    group by recipe
),
step as (
    select
        recipe,
        depth,
        level,
        1 as place,
        'held' as step,
        null as which,
        held as nodes
    from level
    union all
    select
        recipe,
        level.depth,
        level,
        case fate when 'rejected' then 2 when 'below rejected' then 3 else 4 end,
        fate,
        filter,
        nodes
    from counted
    join level using (recipe, level)
    union all
    select
        recipe,
        null,
        null,
        5,
        'conversations',
        null,
        coalesce(sum(nodes) filter (where fate = 'kept'), 0)
    from counted
    join level using (recipe, level)
    where role = 'assistant'
    group by recipe
    union all
    select
        newest.recipe,
        null,
        null,
        6,
        'rows of the mix',
        mix_row.source,
        count(*)
    from newest
    join mix_row using (mix_id)
    group by all
)
select
    recipe,
    level,
    step,
    which,
    nodes::bigint as nodes
from step
order by recipe, depth nulls last, level, place, which;
