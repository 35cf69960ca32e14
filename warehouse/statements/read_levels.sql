select
    levels,
    status
from run
where recipe = ?
order by run_id desc
limit 1;
