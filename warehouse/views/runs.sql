create or replace view runs as
select
    run_id,
    recipe,
    recipe_hash,
    git_commit,
    git_dirty,
    status,
    started_at,
    finished_at,
    generated,
    held,
    prompt_tokens,
    completion_tokens,
    seconds,
    tgc_version
from run
order by run_id;
