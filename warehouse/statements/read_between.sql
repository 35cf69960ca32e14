select node_id
from node
where node_id between ? and ?
order by node_id
limit ?;
