-- What the newest mix of each recipe is made of: rows and tokens by split, source and number of turns.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
with newest as (
    select
        recipe,
        max(mix_id) as mix_id
    from mix
    where recipe glob $recipe
    group by recipe
),
part as (
    select
        newest.recipe,
        mix_row.split,
        mix_row.source,
        mix_row.turns,
        count(*) as rows,
        sum(mix_row.tokens)::bigint as tokens
    from newest
    join mix_row using (mix_id)
    group by all
)
select
    recipe,
    split,
    source,
    turns,
    rows,
    round(rows / sum(rows) over (partition by recipe), 4) as share_of_rows,
    tokens,
    round(tokens / nullif(sum(tokens) over (partition by recipe), 0), 4) as share_of_tokens
from part
order by recipe, split, source, turns;
