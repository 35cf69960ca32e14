select distinct level
from member
where recipe = ?
order by level;
