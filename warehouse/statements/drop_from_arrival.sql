delete from arrival
where node_id in (
    select node_id
    from wanted
);
