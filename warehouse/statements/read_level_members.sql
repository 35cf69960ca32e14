select node_id
from member
where recipe = ?
    and level = ?;
