insert into meta
values (?, ?);
