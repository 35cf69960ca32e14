select
    recipe,
    level
from member
where node_id = ?
order by recipe, level;
