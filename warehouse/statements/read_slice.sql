select
    node.*,
    null as recipe
from node
semi join wanted using (node_id)
where node.rowid between ? and ?;
