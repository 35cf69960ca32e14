-- In parts by number, each with the ancestors that it needs, so that the first conversations come at once and memory
-- holds no more than a part: DuckDB goes through a recursion only as far as it is read. The row of a part that has no
-- `node_id` says how far it went.
create or replace view conversations as
with recursive walk as (
    select
        0::bigint as reached,
        null::ubigint as node_id,
        null::varchar as recipe,
        null::varchar as level,
        null::struct("role" varchar, "content" varchar)[] as before,
        null::varchar as text,
        null::varchar[] as topic,
        null::bigint as tokens
    union all
    (
        with recursive part as (
            select
                max(reached) as first,
                max(reached) + 131072 as last
            from walk
            having max(reached) < (
                select max(number)
                from node
            )
        ),
        above as (
            select distinct above as number
            from node
            where role = 'assistant'
            and number > (
                select first
                from part
            )
            and number <= (
                select last
                from part
            )
            union
            select above
            from node
            where number in (
                select number
                from above
            )
        ),
        inner_node as materialized (
            select
                number,
                above,
                owners,
                role,
                text,
                request_key is null as given,
                coalesce(completion_tokens, 0) as tokens
            from node
            where number in (
                select unnest(list(number))
                from above
            )
        ),
        path as (
            select distinct
                0::bigint as number,
                recipe,
                []::struct("role" varchar, "content" varchar)[] as messages,
                []::varchar[] as topic,
                0::bigint as tokens
            from owner
            union all
            select
                inner_node.number,
                path.recipe,
                case
                    when role is null then messages
                    else list_append(messages, {'role': role, 'content': text})
                end,
                case when role is null and given then list_append(topic, text) else topic end,
                path.tokens + case when role is null then 0 else inner_node.tokens end
            from path
            join inner_node
                on inner_node.above = path.number
            join owner
                on owner.owners = inner_node.owners
                and owner.recipe = path.recipe
        )
        select
            last,
            null,
            null,
            null,
            null,
            null,
            null,
            null
        from part
        union all
        select
            null,
            node.node_id,
            owner.recipe,
            owner.level,
            path.messages,
            node.text,
            path.topic,
            path.tokens + coalesce(node.completion_tokens, 0)
        from node
        join owner using (owners)
        join path
            on path.number = node.above
            and path.recipe = owner.recipe
        where node.role = 'assistant'
        and path.messages[1].role = 'user'
        and node.number > (
            select first
            from part
        )
        and node.number <= (
            select last
            from part
        )
    )
)
select
    spelled(node_id) as leaf_id,
    recipe,
    level,
    (len(before) + 1) // 2 as turns,
    list_append(before, {'role': 'assistant', 'content': text}) as messages,
    topic,
    tokens
from walk
where node_id is not null;
