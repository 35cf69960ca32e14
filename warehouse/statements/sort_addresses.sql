create or replace table address as
select *
from address
union all
select *
from arrival
order by node_id;
