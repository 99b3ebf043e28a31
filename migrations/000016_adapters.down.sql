-- Why: removes what the up made; the weights that are shipped judge alone again. What people
-- corrected stays.
-- Locks: ACCESS EXCLUSIVE on the table that goes; milliseconds.
DROP TABLE adapters;
