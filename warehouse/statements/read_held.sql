select node_id
from node;
