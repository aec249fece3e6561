-- What was read of a scan, page by page.
CREATE TABLE page_texts (
	sha256 TEXT NOT NULL REFERENCES scans (sha256),
	number INTEGER NOT NULL,
	text   TEXT NOT NULL,
	words  BLOB NOT NULL, -- where the words stand: wordboxes.go
	width  INTEGER NOT NULL,
	height INTEGER NOT NULL,
	PRIMARY KEY (sha256, number)
);

-- What is found: a page of a paper. The tokens of each are those of tokens.go.
CREATE TABLE search_pages (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	paper_id INTEGER NOT NULL REFERENCES papers (id),
	number   INTEGER NOT NULL,
	UNIQUE (paper_id, number)
);

CREATE VIRTUAL TABLE search_tokens USING fts5 (
	tokens, content = '', contentless_delete = 1, detail = none,
	tokenize = "unicode61 remove_diacritics 0 tokenchars '=~+^_'"
);
