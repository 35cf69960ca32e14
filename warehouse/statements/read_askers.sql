select distinct run_id
from node
where request_key is not null;
