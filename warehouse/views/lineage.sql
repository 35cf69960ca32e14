create or replace macro lineage(id) as table
with recursive path as (
    select *
    from node
    where node_id = ('0x' || id)::ubigint
    union all
    select node.*
    from path
    join node
        on node.node_id = path.parent_id
)
select
    printf('%016x', path.node_id) as node_id,
    case when path.parent_id <> 0 then printf('%016x', path.parent_id) end as parent_id,
    run.recipe,
    path.* exclude (node_id, parent_id),
    run.git_commit,
    run.recipe_hash
from path
left join run using (run_id)
order by path.depth;
