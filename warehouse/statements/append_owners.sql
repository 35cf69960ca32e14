insert into owner
select
    owners,
    recipe,
    level
from named;
