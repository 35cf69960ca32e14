insert into measure
select
    ?,
    node_id,
    score,
    said
from measured;
