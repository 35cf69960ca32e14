-- How many texts of each level differ, and the models that wrote them.
-- $recipe: whose
select
    member.level,
    count(*) as nodes,
    count(distinct hash(node.text)) as texts,
    list_sort(list(distinct node.model)) as models
from member
join node using (node_id)
where member.recipe = $recipe
and node.request_key is not null
group by member.level
order by min(node.depth), member.level;
