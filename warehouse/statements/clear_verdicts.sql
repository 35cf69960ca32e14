delete from verdict
where recipe = ?;
