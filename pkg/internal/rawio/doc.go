// Package rawio reads and writes sockets that do not block without telling Go's scheduler.
//
// Before a system call of package syscall the runtime notes that a thread may be away for long, and wakes its monitor when that
// sleeps. In a server that does little at a time all sleep most of the time, so each message wakes the monitor, which then looks around every
// 20 µs for a while: an eighth of what a copying hub spends (perf, sysmon and entersyscallWakeSysmon). A read or write of a socket that
// does not block copies some bytes and is back, so nobody needs to watch it. Large pieces, other systems and the race
// detector, which has to see what is read, take the usual way.
package rawio
