create or replace view mixes as
select
    mix_id,
    recipe,
    run_id,
    rows,
    tokens,
    outputs as path,
    created_at
from mix
order by mix_id;
