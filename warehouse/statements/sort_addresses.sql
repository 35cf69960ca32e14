create or replace table address as
select
    (node_id >> 40)::integer as head,
    number
from node
order by head;
