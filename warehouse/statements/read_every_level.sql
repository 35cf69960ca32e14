select
    run_id,
    levels
from run
order by run_id;
