-- Requests that failed and were not answered since, newest run first.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
select
    recipe,
    level,
    run_id,
    reason,
    count(*) as requests
from failure
anti join node using (node_id)
where recipe glob $recipe
group by all
order by run_id desc, recipe, level, requests desc, reason;
