-- How many replicas a proton is to have now. Empty where nothing has scaled it yet: then its runtime says.
ALTER TABLE protons ADD COLUMN replicas BIGINT CHECK (replicas >= 0);
