delete from verdict
where recipe = ?
    and filter in (
        select filter
        from withdrawn
    );
