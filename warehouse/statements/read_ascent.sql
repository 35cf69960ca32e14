with recursive path as (
    select
        number,
        above
    from node
    semi join wanted using (node_id)
    where number in (
        select unnest(list(number))
        from address
        where head in (
            select (node_id >> 40)::integer
            from wanted
        )
    )
    union all
    select
        number,
        above
    from node
    semi join wanted using (node_id)
    where number > (
        select number
        from addressed
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
