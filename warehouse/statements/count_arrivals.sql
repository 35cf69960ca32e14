select count(*)
from arrival;
