-- How many texts of each level differ, and the models that wrote them.
-- $recipe: whose
select
    owner.level,
    count(*) as nodes,
    count(distinct hash(node.text)) as texts,
    list_sort(list(distinct node.model)) as models
from node
join owner using (owners)
where owner.recipe = $recipe
and node.request_key is not null
group by owner.level
order by min(node.depth), owner.level;
