-- What the names of a proton's images were found to mean: an object of pins, as JSON. Nothing is known of
-- protons that are not there any more, and of those that run as processes.
ALTER TABLE protons ADD COLUMN images TEXT;
CREATE INDEX protons_artifact ON protons (artifact_id, created_at);
