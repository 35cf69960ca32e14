select
    leaf_id,
    min(position) as position
from mix_row
where mix_id = ?
    and leaf_id between ? and ?
group by leaf_id
order by leaf_id
limit ?;
