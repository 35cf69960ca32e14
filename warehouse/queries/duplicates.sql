-- Turns rejected as copies, beside the turn that was kept in their place.
select
    verdicts.recipe,
    verdicts.filter,
    verdicts.score,
    copy.text as rejected,
    original.text as kept
from verdicts
join nodes as copy using (recipe, node_id)
join nodes as original
    on original.recipe = verdicts.recipe
    and original.node_id = regexp_extract(verdicts.reason, '[0-9a-f]{16}')
where verdicts.filter like '%duplicate%'
and not verdicts.kept
order by verdicts.recipe, verdicts.filter, verdicts.score desc, verdicts.node_id;
