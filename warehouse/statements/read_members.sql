select
    level,
    node_id
from member
where recipe = ?
order by level, node_id;
