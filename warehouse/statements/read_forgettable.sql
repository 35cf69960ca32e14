with recursive given as (
    select ? as recipe
),
mine as (
    select node_id
    from member
    where recipe = (from given)
    union
    select node_id
    from wanted
),
asked as (
    select distinct request_key
    from node
    semi join mine using (node_id)
    where request_key is not null
),
cited as (
    select node_id
    from member
    where recipe <> (from given)
    union
    select mix_row.leaf_id
    from mix_row
    join mix using (mix_id)
    where mix.recipe <> (from given)
    union
    select mix_row.rejected_id
    from mix_row
    join mix using (mix_id)
    where mix.recipe <> (from given)
),
spared as (
    select
        node_id,
        parent_id
    from node
    semi join cited using (node_id)
    union
    select
        node.node_id,
        node.parent_id
    from spared
    join node
        on node.node_id = spared.parent_id
),
doomed as (
    select node_id
    from node
    semi join asked using (request_key)
    anti join spared using (node_id)
    union
    select node.node_id
    from doomed
    join node
        on node.parent_id = doomed.node_id
    anti join spared
        on spared.node_id = node.node_id
)
select node_id
from doomed
order by node_id;
