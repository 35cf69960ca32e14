select
    recipe,
    level
from owner
where owners in (
    select owners
    from node
    where node_id = ?
)
order by recipe, level;
