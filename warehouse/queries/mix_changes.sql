-- What the newest mix of each recipe has that the one before had not, and the other way round, by source.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- Rows are the same if they end in the same node, or begin on the same line of a file; `earlier` is null before a second mix.
with numbered as (
    select
        recipe,
        mix_id,
        row_number() over (partition by recipe order by mix_id desc) as age
    from mix
    where recipe glob $recipe
),
pair as (
    select
        recipe,
        max(mix_id) filter (where age = 2) as earlier,
        max(mix_id) filter (where age = 1) as later
    from numbered
    group by recipe
),
emitted as (
    select
        pair.*,
        mix_row.source,
        count(*) filter (where mix_row.mix_id = pair.earlier) as before,
        count(*) filter (where mix_row.mix_id = pair.later) as after
    from pair
    join mix_row
        on mix_row.mix_id in (pair.earlier, pair.later)
    group by pair.recipe, pair.earlier, pair.later, mix_row.source, mix_row.leaf_id, mix_row.line
)
select
    recipe,
    earlier,
    later,
    source,
    sum(before)::bigint as before,
    sum(after)::bigint as after,
    sum(least(before, after))::bigint as both,
    sum(greatest(after - before, 0))::bigint as added,
    sum(greatest(before - after, 0))::bigint as removed
from emitted
group by all
order by recipe, source;
