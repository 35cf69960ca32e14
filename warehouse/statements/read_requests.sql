select
    node_id,
    request_key
from node
where request_key is not null;
