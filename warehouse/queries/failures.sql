-- Requests that failed and were not answered since, newest run first.
select
    recipe,
    level,
    run_id,
    reason,
    count(*) as requests
from failure
where node_id not in (
    select node_id
    from node
)
group by all
order by run_id desc, recipe, level, requests desc;
