// Package workers does the work on papers that were handed in: tasks of the queue asynq, whose handlers each call one stage
// of the pipeline between reading from the store and writing to it.
//
// A tour:
//
//   - redis.go: where Redis is: single, Sentinel or Cluster.
//   - task.go: what travels through the queue: ids and a version, never bytes. queue.go: Queue puts tasks into it.
//     machines.go: who takes them.
//   - server.go: Server takes tasks out of it, officers' first, and ends in good order.
//   - split.go, page.go, bind.go: the three handlers, in the order of a paper's way.
//   - verdict.go: what an error means: give up, wait or try again. The only place that decides so.
//   - papers.go: scans that are open on this machine, for the pages that follow each other.
//   - sweeper.go: work that the catalogue knows and the queue lost. collector.go: objects that no row names.
//   - metrics.go: what Prometheus is told.
//
// # A paper's way
//
//	paper:split ──▶ page:read (one a page, side by side) ──▶ paper:bind
//
// Each handler begins by telling the catalogue so and ends with a transaction that moves the reading on; what follows is
// queued after that transaction. Between the two it may be killed at any point: the queue gives a lost worker's task to
// another after its lease (asynq: about a minute), and the sweeper queues whatever the catalogue says is left, so that an
// emptied Redis loses nothing. A step that is over answers catalogue.ErrNotDue, and a task for it ends at once; results have
// keys made of content and revision. So every task may run twice, or on two machines at once, and leave the same behind.
//
// # Officers first
//
// A worker process takes tasks with two servers. One takes officers' papers alone (queue desk) and has children of its own,
// so that a paper handed in at the counter is begun at once however much else waits; the other takes archives and readings
// anew (queues batch and reread, by weight), with children that yield the processor. While nobody waits at a counter the
// second one has all cores.
//
// In Redis each of these three is a queue for each step, by weight too: what is nearest to its end is done first, so that
// papers come out in the order in which they came, and not all of an archive at its end.
package workers
