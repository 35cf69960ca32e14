insert into member
select
    ? as recipe,
    level,
    node_id
from arriving
where node_id not in (
    select node_id
    from member
    where recipe = ?
);
