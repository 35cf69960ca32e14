-- A request is known by 64 bits, as a node is; 63 of them are its seed, which therefore needs no column. Most nodes have
-- no value, and zstd takes room for each of them.
alter table node alter request_key set data type ubigint using ('0x' || request_key[:16])::ubigint;
alter table node drop seed;
alter table node add fields json;
update node set fields = value where value is not null;
alter table node drop value;
alter table node rename fields to value;
