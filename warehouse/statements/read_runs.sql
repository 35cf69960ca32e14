select *
from runs
order by run_id;
