delete from member
where recipe = ?;
