-- How many nodes have how many generated tokens, by recipe and level, in bins of equal width.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $bins = 10: how many bins there are from 0 to the longest node of a level
with counted as (
    select
        owner.recipe,
        owner.level,
        node.completion_tokens as tokens,
        count(*) as nodes,
        any_value(node.depth) as depth
    from node
    join owner using (owners)
    where node.completion_tokens is not null
    and owner.recipe glob $recipe
    group by all
),
level as (
    select
        recipe,
        level,
        min(depth) as depth,
        sum(nodes) as nodes,
        max(tokens) as longest,
        1 + max(tokens) // $bins::bigint as width
    from counted
    group by all
),
bin as (
    select
        level.recipe,
        level.level,
        place.bin,
        coalesce(sum(counted.nodes), 0) as nodes
    from level
    cross join range($bins::bigint) as place (bin)
    left join counted
        on counted.recipe = level.recipe
        and counted.level = level.level
        and counted.tokens // level.width = place.bin
    where place.bin * level.width <= level.longest
    group by all
)
select
    recipe,
    level,
    bin * width as at_least,
    (bin + 1) * width as below,
    bin.nodes::bigint as nodes,
    round(bin.nodes / level.nodes, 3) as share,
    bar(bin.nodes, 0, max(bin.nodes) over (partition by recipe, level), 20) as bar
from bin
join level using (recipe, level)
order by recipe, depth, level, bin;
