insert into failure by name
select
    ? as recipe,
    *
from failed;
