insert into run (
    run_id,
    recipe,
    recipe_text,
    recipe_hash,
    templates,
    levels,
    git_commit,
    git_dirty,
    status,
    tgc_version
)
select
    coalesce(max(run_id), 0) + 1,
    ?,
    ?,
    ?,
    ?,
    ?,
    ?,
    ?,
    'running',
    ?
from run
returning run_id;
