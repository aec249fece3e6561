// Package child is a pool of child processes that answer one request at a time. Tesseract cannot be cancelled, leaks, and
// may crash on hostile input; in a child of its own it can be limited, recycled and, when late, killed, and the parent
// handles bytes alone.
//
// A tour:
//
//   - config.go: Config, what the children are and what they may use.
//   - pool.go: Pool, the parent's side: Do sends a request to an idle child and waits for the answer.
//   - process.go: one child from start to end.
//   - serve.go: Serve, the child's side.
//   - message.go: how requests and answers travel: a length and a gob.
//   - errors.go: what can go wrong, told apart so that the caller can try again more plainly.
//
// A child is our own binary, confined by package confine before its main goes on from confine.Init: it has its limits, no
// network, no programs, no other processes and no file to write to before it reads its first request, and nobody can forget
// to ask for that. Its main finds the arguments of Config.Command and calls Serve.
//
// What a child answers is bounded in bytes (Config.MaxAnswer) before it is believed, and whatever it sends decodes into an
// answer or an error. Gob lets a taken-over child make some tens of bytes in the parent of each byte that it sends, so the
// bound should be no more generous than the largest honest answer.
package child
