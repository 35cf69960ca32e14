-- The first row of the newest mix, traced: each node on its path, root first, with the commit that wrote it.
select
    level,
    text,
    run_id,
    git_commit
from lineage((
    select leaf_id
    from mix_rows
    where leaf_id is not null
    order by mix_id desc, position
    limit 1
));
