delete from failure
where node_id in (
    select node_id
    from wanted
)
or parent_id in (
    select node_id
    from wanted
);
