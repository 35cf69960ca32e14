update addressed
set number = (
    select coalesce(max(number), 0)
    from node
);
