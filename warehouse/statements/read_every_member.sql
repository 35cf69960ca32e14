select node_id
from node
where owners <> 0
order by node_id;
