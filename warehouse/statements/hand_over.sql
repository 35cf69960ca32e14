update node
set owners = moved.after
from moved, wanted
where node.node_id = wanted.node_id
and node.owners = moved.before;
