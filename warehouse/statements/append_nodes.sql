insert into node by name
select * exclude (recipe)
from arriving
anti join node using (node_id);
