create or replace view runs as
with generating as (
    select
        run_id,
        any_value(profile) as profile,
        any_value(devices) as devices,
        sum(seconds) as generating_seconds
    from throughput
    group by run_id
)
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
    tgc_version,
    generating.profile,
    generating.devices,
    generating.generating_seconds
from run
left join generating using (run_id)
order by run_id;
