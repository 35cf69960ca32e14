insert into node by name
select * exclude (recipe)
from arriving;
