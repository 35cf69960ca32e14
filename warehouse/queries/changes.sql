-- What the newest finished run of each recipe did to its levels, beside the finished run before it.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- `edited` names what is identity of a level and differs; `made` are the nodes that the later run wrote, and `hidden`
-- those that this or an earlier run of the recipe wrote and its last build has not. `before` is null before a second run.
with numbered as (
    select
        recipe,
        run_id,
        map_entries(levels::map(varchar, json)) as levels,
        row_number() over (partition by recipe order by run_id desc) as age
    from run
    where status = 'done'
    and recipe glob $recipe
),
pair as (
    select
        recipe,
        max(run_id) filter (where age = 2) as earlier,
        max(run_id) filter (where age = 1) as later
    from numbered
    group by recipe
),
entry as (
    select
        recipe,
        age,
        unnest(levels) as entry,
        unnest(range(len(levels))) as place
    from numbered
    where age <= 2
),
level as (
    select
        recipe,
        entry.key as level,
        arg_min(place, age) as place,
        max((entry.value ->> '$.branch')::bigint) filter (where age = 2) as before,
        max((entry.value ->> '$.branch')::bigint) filter (where age = 1) as after,
        any_value((entry.value -> '$.parts')::varchar[][]) filter (where age = 2) as old_parts,
        any_value((entry.value -> '$.parts')::varchar[][]) filter (where age = 1) as new_parts
    from entry
    group by all
),
wrote as (
    select
        run.recipe,
        node.level,
        node.run_id,
        count(*) as nodes,
        count(*) filter (where owner.owners is null) as hidden
    from node
    join run using (run_id)
    left join owner
        on owner.owners = node.owners
        and owner.recipe = run.recipe
    where run.recipe glob $recipe
    group by all
)
select
    pair.recipe,
    pair.earlier,
    pair.later,
    level.level,
    level.before as branch_before,
    level.after as branch_after,
    case
        when level.old_parts is null then []
        else list_sort(list_distinct(list_transform(
            list_filter(
                list_concat(level.old_parts, level.new_parts),
                lambda part: list_contains(level.old_parts, part) <> list_contains(level.new_parts, part)
            ),
            lambda part: part[1]
        )))
    end as edited,
    coalesce(sum(wrote.nodes) filter (where wrote.run_id = pair.later), 0)::bigint as made,
    coalesce(sum(wrote.hidden) filter (where wrote.run_id <= pair.later), 0)::bigint as hidden
from level
join pair using (recipe)
left join wrote
    on wrote.recipe = level.recipe
    and wrote.level = level.level
group by all
order by pair.recipe, min(level.place), level.level;
