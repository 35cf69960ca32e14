delete from meta;
