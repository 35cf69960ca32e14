-- An id is found by its first 24 bits, in their order: which of the few that share them has the rest, `node` says. What
-- came since addresses were sorted is found by its number, which is above that in `addressed`.
create or replace table address as
select
    (node_id >> 40)::integer as head,
    number
from node
order by head;

create table addressed as
select coalesce(max(number), 0) as number
from node;

drop table arrival;
