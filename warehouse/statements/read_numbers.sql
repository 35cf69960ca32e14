select
    node_id,
    number
from node;
