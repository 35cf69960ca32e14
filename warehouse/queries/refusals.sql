-- Turns that a `refusal` filter rejected: the phrase that gave them away and how they begin.
select
    verdicts.recipe,
    nodes.level,
    verdicts.reason,
    verdicts.node_id,
    left(nodes.text, 100) as begins
from verdicts
join nodes using (recipe, node_id)
where verdicts.filter like 'refusal%'
and not verdicts.kept
order by verdicts.recipe, verdicts.reason, verdicts.node_id;
