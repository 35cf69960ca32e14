insert into verdict by name
select *
from judged;
