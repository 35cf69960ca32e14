select
    node.* replace (spelled(node.request_key) as request_key),
    null as recipe
from node
semi join wanted using (node_id)
where node.rowid between ? and ?;
