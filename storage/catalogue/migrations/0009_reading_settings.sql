-- When somebody should look at what was read: one row, as JSON. Without it readingsettings.go says.
CREATE TABLE reading_settings (
	id         {int} PRIMARY KEY CHECK (id = 1),
	value      {text} NOT NULL,
	changed_at {int} NOT NULL
);
