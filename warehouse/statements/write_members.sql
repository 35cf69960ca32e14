insert into member
select
    ? as recipe,
    level,
    node_id
from wanted
order by level, node_id;
