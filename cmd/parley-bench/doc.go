// Command parley-bench loads Parley and its peers with synthetic clients and compares what they
// cost: CPU time of the server per delivery, deliveries per second, latency, memory per connection,
// and the price of joining a large document. One run measures all servers, in turns.
//
// A delivery is one letter that reached one other client. Every update carries the clock of its
// writer, so each receiver knows which letters were lost and which came twice.
//
// The load generator shares the machine with the server, so it is frugal: one thread drives all
// clients over epoll, and frames are made without encoding a document. In scenarios that measure
// latency this thread has the last processor, and the server has the others.
//
//	parley-bench -servers parley,hub -json out.json -svg out.svg fan-out idle
package main
