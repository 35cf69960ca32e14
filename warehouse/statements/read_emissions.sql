with recursive below as (
    select ?::ubigint as node_id
    union all
    select node.node_id
    from below
    join node on node.parent_id = below.node_id
),
place as (
    select
        mix_id,
        position,
        split,
        leaf_id,
        rejected_id
    from mix_row
    join below on below.node_id = mix_row.leaf_id
    union
    select
        mix_id,
        position,
        split,
        leaf_id,
        rejected_id
    from mix_row
    join below on below.node_id = mix_row.rejected_id
)
select
    mix.recipe,
    mix_id,
    count(*) as rows,
    list(
        {'position': position, 'split': split, 'leaf_id': leaf_id, 'rejected_id': rejected_id}
        order by position
    )[:?] as first
from place
join mix using (mix_id)
group by mix.recipe, mix_id
order by mix_id desc;
