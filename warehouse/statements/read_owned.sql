select distinct owners
from node
semi join wanted using (node_id)
order by owners;
