insert into arrival
select
    node_id,
    number
from arriving;
