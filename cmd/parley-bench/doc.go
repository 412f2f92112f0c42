// Command parley-bench loads Parley and its peers with synthetic clients, in one run and in turns, and compares
// what they cost: server CPU time per delivery, deliveries per second, latency, memory per connection, the price of
// joining a large document. Every update carries a sequence (the clock of its client), so that each receiver
// knows what was lost and what came twice.
//
// It is frugal, because it shares the machine with the server: one thread drives all clients over epoll, and frames
// are made without encoding a document. Where times of delivery are measured, that thread has the last processor and the server
// the others.
//
//	parley-bench -servers parley,hub,y-websocket,hocuspocus -json out.json -svg out.svg fan-out saturate idle join
package main
