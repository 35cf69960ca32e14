insert into node by name
select
    * exclude (recipe)
    replace (('0x' || request_key)::ubigint as request_key)
from arriving;
