select
    node.*,
    null as recipe
from node
where number in (
    select unnest(?::bigint[])
);
