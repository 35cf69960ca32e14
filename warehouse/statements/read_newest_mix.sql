select
    mix_id,
    rows
from mix
where recipe = ?
order by mix_id desc
limit 1;
