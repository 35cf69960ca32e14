select distinct level
from owner
semi join (
    select distinct owners
    from node
) using (owners)
where recipe = ?
order by level;
