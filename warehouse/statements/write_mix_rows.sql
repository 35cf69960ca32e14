insert into mix_row by name
select
    ? as mix_id,
    *
from selected;
