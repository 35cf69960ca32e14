select distinct node_id
from pick
order by node_id;
