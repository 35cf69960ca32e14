-- The scores that each filter gave, to choose a threshold by: so many percent of a level's nodes score at most that.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $filter = *: filters of this name, or of one like it
with scored as (
    select
        recipe,
        filter,
        owner.level,
        count(*) as nodes,
        count(*) filter (where not kept) as rejected,
        quantile_disc(score, [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]) as scores
    from verdict
    join node using (node_id)
    join owner using (owners, recipe)
    where score is not null
    and recipe glob $recipe
    and filter glob $filter
    group by all
)
select
    recipe,
    filter,
    level,
    nodes,
    rejected,
    unnest([0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100]) as percent,
    unnest(scores) as score
from scored
order by recipe, filter, level, percent;
