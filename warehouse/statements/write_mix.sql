insert into mix by name
select
    coalesce(max(mix_id), 0) + 1 as mix_id,
    ? as recipe,
    ? as run_id,
    ? as identity,
    ? as rows,
    ? as tokens,
    ? as outputs
from mix
returning mix_id;
