insert into throughput by name
select
    ? as run_id,
    ? as profile,
    ? as devices,
    *
from worked;
