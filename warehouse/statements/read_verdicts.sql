select
    recipe,
    filter,
    kept,
    reason,
    score
from verdict
where node_id = ?
order by recipe, rowid;
