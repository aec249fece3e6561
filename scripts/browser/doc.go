// Package browser shows the service's pages in a real browser, Debian's chromium: for their tests, and for the screenshots in the
// documentation. It is no part of the service.
//
// A tour:
//
//   - site.go: Site, a `sohoa up` on a folder of its own, with agencies, a procedure and people in it.
//   - fill.go: dossiers and papers for it, through the API.
//   - tab.go: Tab, a page of the browser: how big it is, what it complained of, signing in, typing, waiting.
//   - axe.go: what axe-core says of a page's accessibility.
package browser
