-- The first row of the newest mix, traced: each node on its path, root first, with the commit that wrote it.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
select
    level,
    text,
    run_id,
    git_commit
from lineage((
    select leaf_id
    from mix_rows
    join mixes using (mix_id)
    where leaf_id is not null
    and recipe glob $recipe
    order by mix_id desc, position
    limit 1
));
