// Package jobs is the one durable queue. A job is kept with the commit that made
// it necessary, leased while somebody works on it, and gone when its own commit
// says it is done; a process that dies loses its leases, never its jobs.
//
// Rooms use it in two ways: Runner works through jobs with a handler per kind
// (facts, clean-up, reminders); Claim, Finish and Retry serve a worker that keeps
// states of its own, such as the outbox.
//
// Tables: jobs.
package jobs
