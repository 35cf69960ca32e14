-- A request is known by 64 bits, as a node is; 63 of them are its seed, which therefore needs no column.
alter table node alter request_key set data type ubigint using ('0x' || request_key[:16])::ubigint;
alter table node drop seed;
