with recursive path as (
    select
        number,
        above
    from node
    where number in (
        select unnest(?::bigint[])
    )
    union all
    select
        number,
        above
    from node
    where number in (
        select above
        from path
    )
)
select distinct number
from path
order by number;
