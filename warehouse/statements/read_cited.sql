select leaf_id as node_id
from mix_row
where leaf_id is not null
union
select rejected_id
from mix_row
where rejected_id is not null
order by node_id;
