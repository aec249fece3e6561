-- What an officer does with a paper that was read: corrections, the pages as they are arranged, where fields stand.

-- A paper may be a part of its scan (part names which one), may have been joined to another, and changes in more ways. SQLite
-- drops no constraint of a table: the table is made anew, and before it those that name it, so that no row is ever without its
-- paper.
CREATE TABLE papers_new (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	dossier_id  INTEGER NOT NULL REFERENCES dossiers (id),
	sha256      TEXT NOT NULL REFERENCES scans (sha256),
	kind        TEXT NOT NULL, -- component or result
	component   TEXT NOT NULL, -- the component's code; empty where it is not known
	name        TEXT NOT NULL, -- of the file as it was handed in
	reused      INTEGER NOT NULL, -- the same scan was held already
	handed_in_by TEXT NOT NULL, -- who, as the audit names them
	created_at  INTEGER NOT NULL,
	approved_at INTEGER,
	approved_by TEXT,
	part        TEXT NOT NULL DEFAULT '', -- which part of its scan it is; empty: it was handed in as the whole
	changed_at  INTEGER NOT NULL DEFAULT 0,
	arranged    INTEGER NOT NULL DEFAULT 0, -- how often its pages were arranged; 0: it is its whole scan
	removed_at  INTEGER, -- since when it is history
	merged_into INTEGER REFERENCES papers_new (id)
);
INSERT INTO papers_new (id, dossier_id, sha256, kind, component, name, reused, handed_in_by, created_at, approved_at, approved_by, changed_at)
	SELECT id, dossier_id, sha256, kind, component, name, reused, handed_in_by, created_at, approved_at, approved_by,
		max(created_at, coalesce(approved_at, 0)) FROM papers;

CREATE TABLE fields_new (
	paper_id    INTEGER NOT NULL REFERENCES papers_new (id),
	name        TEXT NOT NULL,
	value       TEXT NOT NULL,
	source      TEXT NOT NULL, -- typed, recognized or confirmed
	changed_at  INTEGER NOT NULL,
	changed_by  TEXT NOT NULL,
	confidence  REAL NOT NULL DEFAULT 0, -- 0 to 100, of what was recognized
	page_sha256 TEXT, -- the page on which it stands: its scan
	page_number INTEGER, -- and its number there
	x0          INTEGER NOT NULL DEFAULT 0,
	y0          INTEGER NOT NULL DEFAULT 0,
	x1          INTEGER NOT NULL DEFAULT 0,
	y1          INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (paper_id, name)
);
INSERT INTO fields_new (paper_id, name, value, source, changed_at, changed_by)
	SELECT paper_id, name, value, source, changed_at, changed_by FROM fields;

CREATE TABLE search_pages_new (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	paper_id INTEGER NOT NULL REFERENCES papers_new (id),
	number   INTEGER NOT NULL,
	UNIQUE (paper_id, number)
);
INSERT INTO search_pages_new (id, paper_id, number) SELECT id, paper_id, number FROM search_pages;

DROP TABLE fields;
DROP TABLE search_pages;
DROP TABLE papers;
ALTER TABLE papers_new RENAME TO papers;
ALTER TABLE fields_new RENAME TO fields;
ALTER TABLE search_pages_new RENAME TO search_pages;

CREATE INDEX papers_scan ON papers (sha256);
CREATE INDEX papers_created ON papers (created_at);
CREATE INDEX papers_approved ON papers (approved_at) WHERE approved_at IS NOT NULL;
CREATE UNIQUE INDEX papers_part ON papers (dossier_id, sha256, kind, component, part);
CREATE INDEX papers_changed ON papers (changed_at);
CREATE INDEX papers_waiting ON papers (handed_in_by, id) WHERE approved_at IS NULL AND removed_at IS NULL;
CREATE INDEX papers_unapproved ON papers (id) WHERE approved_at IS NULL AND removed_at IS NULL;
CREATE INDEX fields_value ON fields (name, value);

-- The pages of a paper in their order; a paper without any is its whole scan.
CREATE TABLE paper_pages (
	paper_id INTEGER NOT NULL REFERENCES papers (id),
	position INTEGER NOT NULL, -- from 1
	sha256   TEXT NOT NULL REFERENCES scans (sha256),
	number   INTEGER NOT NULL, -- in the scan, from 1
	turn     INTEGER NOT NULL, -- degrees clockwise, besides what the reading turned
	PRIMARY KEY (paper_id, position)
);
CREATE INDEX paper_pages_scan ON paper_pages (sha256);

-- What officers corrected on the pages of scans, in the order in which they did.
CREATE TABLE corrections (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	sha256       TEXT NOT NULL REFERENCES scans (sha256),
	number       INTEGER NOT NULL, -- of the page in the scan
	x0           INTEGER NOT NULL, -- where it stands, in pixels of a page of width × height
	y0           INTEGER NOT NULL,
	x1           INTEGER NOT NULL,
	y1           INTEGER NOT NULL,
	width        INTEGER NOT NULL,
	height       INTEGER NOT NULL,
	was          TEXT NOT NULL, -- the words that stood there; empty: none
	became       TEXT NOT NULL, -- the words in their place; empty: none
	revision     TEXT NOT NULL, -- of the reading that it was made on
	fits         INTEGER NOT NULL, -- whether its place was found in the reading that is shown
	paper_id     INTEGER NOT NULL REFERENCES papers (id), -- in which the officer saw the page
	corrected_at INTEGER NOT NULL,
	corrected_by TEXT NOT NULL
);
CREATE INDEX corrections_page ON corrections (sha256, number, id);
