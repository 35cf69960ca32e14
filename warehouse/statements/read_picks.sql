select
    selector,
    node_id,
    rank
from pick
order by selector, node_id;
