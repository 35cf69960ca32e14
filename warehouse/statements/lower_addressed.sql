update addressed
set number = least(number, (
    select coalesce(max(number), 0)
    from node
));
