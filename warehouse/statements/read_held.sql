select node_id
from node
order by node_id;
