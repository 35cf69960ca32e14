select ('0x' || request_key[:16])::ubigint as word
from node
where request_key is not null;
