// Package child is a pool of child processes that answer one request at a time. Tesseract cannot be cancelled, leaks, and
// may crash on hostile input; in a child of its own it can be limited, recycled and, when late, killed, and the parent
// handles bytes alone.
//
// A tour:
//
//   - pool.go: Pool, the parent's side: Do sends a request to an idle child and waits for the answer.
//   - process.go: one child from start to end.
//   - serve.go: Serve, the child's side.
//   - message.go: how requests and answers travel: a length and a gob.
//   - errors.go: what can go wrong, told apart so that the caller can try again more plainly.
package child
