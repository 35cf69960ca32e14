-- The two upper generations of a tree, with what models wrote in and below each node: nodes, kept ones, rows of the mix.
-- $recipe: whose
-- $patches: about how many nodes are told; the others are summed up, by generation
-- $fewest: where fewer children of a node could be told than that, none are
with recursive holder as (
    select distinct owners
    from owner
    where recipe = $recipe
),
placed as (
    select
        node.number,
        node.node_id,
        node.node_id as top_id,
        null::ubigint as next_id
    from node
    join holder using (owners)
    where node.above = 0
    union all
    select
        node.number,
        node.node_id,
        placed.top_id,
        coalesce(placed.next_id, node.node_id)
    from placed
    join node
        on node.above = placed.number
    join holder
        on holder.owners = node.owners
),
mixed as (
    select
        leaf_id as node_id,
        count(*) as rows
    from mix_row
    where leaf_id is not null
    and mix_id = (
        select max(mix_id)
        from mix
        where recipe = $recipe
    )
    group by leaf_id
),
area as (
    select
        placed.top_id,
        placed.next_id,
        count(fate.completion_tokens) as nodes,
        count(fate.completion_tokens) filter (where fate.fate = 'kept') as kept,
        coalesce(sum(mixed.rows), 0) as rows
    from placed
    join fate
        on fate.node_id = placed.node_id
        and fate.recipe = $recipe
    left join mixed
        on mixed.node_id = placed.node_id
    group by all
),
top as (
    select
        top_id,
        sum(nodes) as nodes,
        row_number() over (order by sum(nodes) desc, top_id) as place,
        $patches::bigint // count(*) over () as room
    from area
    group by top_id
    having sum(nodes) > 0
),
ranked as (
    select
        area.*,
        top.place,
        top.room,
        row_number() over (
            partition by area.top_id
            order by area.next_id is null, area.nodes desc, area.next_id
        ) as rank
    from area
    join top using (top_id)
),
told as (
    select
        case when place <= $patches::bigint then top_id end as top_id,
        case when rank <= room and room >= $fewest::bigint then next_id end as next_id,
        count(distinct ranked.top_id) as tops,
        count(distinct ranked.next_id) as nexts,
        sum(nodes)::bigint as nodes,
        sum(kept)::bigint as kept,
        sum(rows)::bigint as rows
    from ranked
    group by all
)
select
    told.top_id,
    told.next_id,
    left(upper.text, 60) as top,
    left(lower.text, 60) as next,
    told.tops,
    told.nexts,
    told.nodes,
    told.kept,
    told.rows
from told
left join node as upper
    on upper.node_id = told.top_id
left join node as lower
    on lower.node_id = told.next_id
where told.nodes > 0
order by told.nodes desc, told.top_id, told.next_id;
