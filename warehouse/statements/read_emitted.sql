select identity
from mix
where run_id = (
    select max(run_id)
    from run
    where recipe = ?
)
order by mix_id desc
limit 1;
