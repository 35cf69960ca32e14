select distinct node_id
from member
order by node_id;
