select min(node.number) as number
from node
semi join wanted using (request_key)
group by request_key
order by number;
