with recursive start as (
    select number
    from address
    semi join wanted using (node_id)
    union all
    select number
    from arrival
    semi join wanted using (node_id)
),
path as (
    select
        number,
        above
    from node
    where number in (
        select number
        from start
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
