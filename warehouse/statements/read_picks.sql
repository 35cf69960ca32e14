select
    node_id,
    rank
from pick
where selector = ?
order by node_id;
