-- Instants are milliseconds since 1970 (UTC); days are YYYY-MM-DD in Vietnam's time; flags are 0 or 1.

CREATE TABLE agencies (
	id        {id},
	code      {text} NOT NULL UNIQUE,
	name      {text} NOT NULL,
	parent_id {int} REFERENCES agencies (id),
	path      {text} NOT NULL UNIQUE -- '/1/5/': the ids from the root to the agency itself
);

CREATE TABLE procedures (
	code         {text} PRIMARY KEY,
	name         {text} NOT NULL,
	field_code   {text} NOT NULL, -- lĩnh vực
	field_name   {text} NOT NULL,
	gives_result {int} NOT NULL -- whether it ends with a written result
);

CREATE TABLE components (
	procedure_code {text} NOT NULL REFERENCES procedures (code),
	code           {text} NOT NULL,
	name           {text} NOT NULL,
	required       {int} NOT NULL,
	PRIMARY KEY (procedure_code, code)
);

CREATE TABLE dossiers (
	id             {id},
	code           {text} NOT NULL UNIQUE,
	agency_id      {int} NOT NULL REFERENCES agencies (id),
	procedure_code {text}, -- may name one that is not known yet
	owner_name     {text} NOT NULL,
	owner_number   {text} NOT NULL, -- of the person or the organization
	owner_kind     {int} NOT NULL, -- 1 person, 2 company, 3 agency, 4 other
	subject        {text} NOT NULL,
	state          {int} NOT NULL, -- 1 to 10, as the national portal counts
	received_on    {text},
	due_on         {text},
	resolved_on    {text},
	created_at     {int} NOT NULL,
	changed_at     {int} NOT NULL
);
CREATE INDEX dossiers_agency ON dossiers (agency_id, received_on);
CREATE INDEX dossiers_received ON dossiers (received_on);
CREATE INDEX dossiers_procedure ON dossiers (procedure_code, received_on);

CREATE TABLE scans (
	sha256          {text} PRIMARY KEY,
	size            {int} NOT NULL,
	media_type      {text} NOT NULL,
	current_reading {int}, -- the one that is shown and searched
	latest_reading  {int}, -- the one that was asked for last
	created_at      {int} NOT NULL,
	collected_at    {int} -- no paper names it, and its original is being taken away since then
);

CREATE TABLE papers (
	id          {id},
	dossier_id  {int} NOT NULL REFERENCES dossiers (id),
	sha256      {text} NOT NULL REFERENCES scans (sha256),
	kind        {text} NOT NULL, -- component or result
	component   {text} NOT NULL, -- the component's code; empty where it is not known
	name        {text} NOT NULL, -- of the file as it was handed in
	reused      {int} NOT NULL, -- the same scan was held already
	handed_in_by {text} NOT NULL, -- who, as the audit names them
	created_at  {int} NOT NULL,
	approved_at {int},
	approved_by {text},
	UNIQUE (dossier_id, sha256, kind, component)
);
CREATE INDEX papers_scan ON papers (sha256);
CREATE INDEX papers_created ON papers (created_at);
CREATE INDEX papers_approved ON papers (approved_at) WHERE approved_at IS NOT NULL;

CREATE TABLE readings (
	id           {id},
	sha256       {text} NOT NULL REFERENCES scans (sha256),
	revision     {text} NOT NULL,
	step         {text} NOT NULL, -- split, pages, bind, done or failed
	queue        {text} NOT NULL, -- desk, batch or reread
	format       {text} NOT NULL,
	pages        {int} NOT NULL, -- 0 until it is split
	failed_pages {int} NOT NULL,
	blank_pages  {int} NOT NULL,
	words        {int} NOT NULL,
	confidence   {real} NOT NULL, -- 0 to 100
	review       {int} NOT NULL, -- an officer should look at it
	starts       {int} NOT NULL, -- how often the present step was begun
	failures     {int} NOT NULL, -- how often it failed by the paper's own fault
	reason       {text} NOT NULL, -- why it failed, or failed last
	due_at       {int} NOT NULL, -- when somebody should look whether it was forgotten
	created_at   {int} NOT NULL,
	changed_at   {int} NOT NULL,
	finished_at  {int},
	UNIQUE (sha256, revision)
);
CREATE INDEX readings_due ON readings (due_at) WHERE step IN ('split', 'bind');
CREATE INDEX readings_open ON readings (queue, created_at) WHERE step IN ('split', 'pages', 'bind');
CREATE INDEX readings_failed ON readings (id) WHERE step = 'failed';
CREATE INDEX readings_changed ON readings (changed_at);

CREATE TABLE pages (
	reading_id {int} NOT NULL REFERENCES readings (id),
	number     {int} NOT NULL, -- from 1
	state      {text} NOT NULL, -- waiting, read or failed
	source     {text} NOT NULL, -- recognized, digital, text-layer, blank or failed
	confidence {real} NOT NULL,
	words      {int} NOT NULL,
	width      {int} NOT NULL, -- of the page that the boxes count in, in pixels
	height     {int} NOT NULL,
	turned     {int} NOT NULL, -- degrees clockwise
	seconds    {real} NOT NULL, -- of one core
	starts     {int} NOT NULL,
	failures   {int} NOT NULL,
	reason     {text} NOT NULL,
	due_at     {int} NOT NULL,
	PRIMARY KEY (reading_id, number)
);
CREATE INDEX pages_due ON pages (due_at) WHERE state = 'waiting';

-- The revisions of the readers that are at work somewhere.
CREATE TABLE readers (
	revision {text} PRIMARY KEY,
	seen_at  {int} NOT NULL
);

CREATE TABLE fields (
	paper_id   {int} NOT NULL REFERENCES papers (id),
	name       {text} NOT NULL,
	value      {text} NOT NULL,
	source     {text} NOT NULL, -- typed by an officer, or given by a program
	changed_at {int} NOT NULL,
	changed_by {text} NOT NULL,
	PRIMARY KEY (paper_id, name)
);
CREATE INDEX fields_value ON fields (name, value);

CREATE TABLE users (
	id         {id},
	login      {text} NOT NULL UNIQUE,
	name       {text} NOT NULL,
	role       {text} NOT NULL, -- desk, supervisor or it
	agency_id  {int} NOT NULL REFERENCES agencies (id),
	disabled   {int} NOT NULL,
	created_at {int} NOT NULL
);

CREATE TABLE tokens (
	id           {id},
	name         {text} NOT NULL,
	hash         {text} NOT NULL UNIQUE, -- SHA-256 of the token
	user_id      {int} REFERENCES users (id), -- NULL: a machine client
	role         {text} NOT NULL, -- of a machine client; a user's token has the user's
	agency_id    {int} REFERENCES agencies (id), -- of a machine client
	scopes       {text} NOT NULL, -- separated by spaces
	created_at   {int} NOT NULL,
	created_by   {text} NOT NULL,
	expires_at   {int},
	revoked_at   {int},
	last_used_at {int}
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE audit (
	id      {id},
	at      {int} NOT NULL,
	actor   {text} NOT NULL, -- user:LOGIN, client:NAME or system
	action  {text} NOT NULL,
	subject {text} NOT NULL, -- dossier:ID, paper:ID, user:ID …
	remote  {text} NOT NULL, -- the address it came from
	detail  {text} NOT NULL -- JSON, without a citizen's data
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (subject, at);
CREATE INDEX audit_actor ON audit (actor, at);
