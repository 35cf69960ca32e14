insert into pick
select
    selector,
    node_id,
    rank
from picked
anti join pick using (selector, node_id);
