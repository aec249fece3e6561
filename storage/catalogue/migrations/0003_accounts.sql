-- How users sign in. A user without a row has never been given a way to.
CREATE TABLE accounts (
	user_id        {int} PRIMARY KEY REFERENCES users (id),
	password       {text} NOT NULL, -- Argon2id, as a PHC string; empty: none
	must_change    {int} NOT NULL, -- the password was made by somebody else
	changed_at     {int} NOT NULL, -- the password
	signed_in_at   {int},
	factor         {blob}, -- the second factor's secret, sealed; NULL: none
	factor_key     {text} NOT NULL, -- names the key that it is sealed with
	factor_since   {int},
	factor_step    {int} NOT NULL, -- of the code that was used last
	pending_factor {blob} -- one that is being set up, sealed
);

CREATE TABLE recovery_codes (
	user_id {int} NOT NULL REFERENCES users (id),
	hash    {text} NOT NULL, -- SHA-256
	used_at {int},
	PRIMARY KEY (user_id, hash)
);

-- Sign-ins that did not succeed, also of logins that do not exist.
CREATE TABLE sign_in_failures (
	login        {text} PRIMARY KEY, -- SHA-256 of it: some type their password there
	failures     {int} NOT NULL, -- since the last success
	failed_at    {int} NOT NULL,
	locked_until {int} NOT NULL
);
CREATE INDEX sign_in_failures_at ON sign_in_failures (failed_at);

CREATE TABLE sessions (
	id         {id},
	hash       {text} NOT NULL UNIQUE, -- SHA-256 of what the browser holds
	user_id    {int} NOT NULL REFERENCES users (id),
	how        {text} NOT NULL, -- password or oidc
	code_due   {int} NOT NULL, -- the second factor has still to be given
	remote     {text} NOT NULL,
	agent      {text} NOT NULL, -- the browser, as it names itself
	created_at {int} NOT NULL,
	seen_at    {int} NOT NULL, -- to the minute
	ends_at    {int} NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_ends ON sessions (ends_at);

-- Who a user is to an OpenID Connect issuer.
CREATE TABLE identities (
	issuer     {text} NOT NULL,
	subject    {text} NOT NULL,
	user_id    {int} NOT NULL REFERENCES users (id),
	created_at {int} NOT NULL,
	PRIMARY KEY (issuer, subject),
	UNIQUE (issuer, user_id)
);

CREATE INDEX audit_action ON audit (action, at);
