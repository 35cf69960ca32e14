-- A list keeps DuckDB from comparing every `node_id` instead.
select
    node_id,
    number
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
    node_id,
    number
from node
semi join wanted using (node_id)
where number > (
    select number
    from addressed
)
order by number;
