//go:build !sqlite_fts5 && !fts5

package catalogue

const builtWithSearch = false
