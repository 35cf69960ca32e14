select
    measure.node_id,
    score,
    said
from measure
semi join wanted using (node_id)
where metric = ?
order by measure.node_id;
