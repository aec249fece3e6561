-- Browsers in which somebody has signed in: their tries are counted apart, so that a stranger's lock nobody out of their own desk.
CREATE TABLE known_browsers (
	hash    {text} NOT NULL, -- SHA-256 of what the browser holds
	user_id {int} NOT NULL REFERENCES users (id),
	seen_at {int} NOT NULL,
	PRIMARY KEY (hash, user_id)
);

ALTER TABLE sessions ADD COLUMN browser {text} NOT NULL DEFAULT ''; -- known_browsers.hash

ALTER TABLE sign_in_failures ADD COLUMN account {text} NOT NULL DEFAULT ''; -- SHA-256 of the login, whatever the browser
CREATE INDEX sign_in_failures_account ON sign_in_failures (account);
