delete from arrival;
