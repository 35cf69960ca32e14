-- `printf` takes twice as long to spell an id: ten million are spelled where one of `nodes` is looked for.
create or replace macro spelled(id) as
lower(substr(hex(id::uhugeint + 18446744073709551616::uhugeint), 2));

create or replace macro located(id) as table
select
    number,
    above
from node
where node_id = ('0x' || id)::ubigint
and number in (
    select number
    from address
    where head = (('0x' || id)::ubigint >> 40)::integer
)
union all
select
    number,
    above
from node
where node_id = ('0x' || id)::ubigint
and number > (
    select number
    from addressed
);
