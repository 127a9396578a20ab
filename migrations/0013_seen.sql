-- When tokens and sessions were last used, where sessions came from, and text to search people and groups by.

ALTER TABLE tokens ADD COLUMN used_at BIGINT;

ALTER TABLE sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN client TEXT;
-- A session ended seven days after it was last written, which is the best that is known of those from before.
UPDATE sessions SET created_at = expires_at - 604800000000, seen_at = expires_at - 604800000000;

-- Lower case; in what is there already only of the letters that the database knows, until it is edited.
ALTER TABLE users ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE users SET search_text = LOWER(username) || '
' || LOWER(full_name) || '
' || LOWER(email);
ALTER TABLE user_groups ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE user_groups SET search_text = LOWER(name);
