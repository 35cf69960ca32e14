create or replace view fate as
with recursive rejected as (
    select
        recipe,
        node_id,
        filter
    from verdict
    where not kept
),
grown as (
    select
        member.recipe,
        member.level,
        node_id,
        node.role is null and node.request_key is null as given,
        case when given then node_id end as topic_id,
        node.completion_tokens,
        rejected.filter,
        false as below
    from node
    join member using (node_id)
    left join rejected using (recipe, node_id)
    where node.parent_id = 0
    union all
    select
        member.recipe,
        member.level,
        node.node_id,
        grown.given and node.role is null and node.request_key is null as of_values,
        case when of_values then node.node_id else grown.topic_id end,
        node.completion_tokens,
        rejected.filter,
        grown.below or grown.filter is not null
    from grown
    join node
        on node.parent_id = grown.node_id
    join member
        on member.node_id = node.node_id
        and member.recipe = grown.recipe
    left join rejected
        on rejected.node_id = node.node_id
        and rejected.recipe = grown.recipe
)
select
    recipe,
    level,
    node_id,
    topic_id,
    completion_tokens,
    case
        when filter is not null then 'rejected'
        when below then 'below rejected'
        else 'kept'
    end as fate,
    filter
from grown;

create or replace view fates as
select
    printf('%016x', node_id) as node_id,
    recipe,
    level,
    case when topic_id is not null then printf('%016x', topic_id) end as topic_id,
    completion_tokens,
    fate,
    filter
from fate;
