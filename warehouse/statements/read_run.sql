select
    run_id,
    recipe,
    recipe_text,
    coalesce(templates, '{}') as templates,
    levels,
    git_commit,
    git_dirty,
    started_at,
    status
from run
where run_id = ?;
