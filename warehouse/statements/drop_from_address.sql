delete from address
where number in (
    select number
    from node
    semi join wanted using (node_id)
);
