with recursive below as (
    select ?::ubigint as node_id
    union all
    select node.node_id
    from below
    join node on node.parent_id = below.node_id
)
select
    mix.recipe,
    mix_id,
    count(*) as rows,
    list(
        {'position': position, 'split': split, 'leaf_id': leaf_id, 'rejected_id': rejected_id}
        order by position
    )[:?] as first
from mix_row
join mix using (mix_id)
where leaf_id in (
    select node_id
    from below
)
or rejected_id in (
    select node_id
    from below
)
group by mix.recipe, mix_id
order by mix_id desc;
