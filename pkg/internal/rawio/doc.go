// Package rawio reads and writes non-blocking sockets without informing Go's scheduler.
//
// Before a system call of package syscall, the runtime assumes that the thread may block for long,
// and wakes its monitor (sysmon) if the monitor sleeps. A server with little traffic sleeps most of
// the time, so each message wakes the monitor. The monitor then polls every 20 µs for a while. For
// a hub that copies messages, this costs an eighth of its CPU time (perf, sysmon and
// entersyscallWakeSysmon).
//
// A read or write of a non-blocking socket only copies some bytes and returns, so no monitor is
// needed. The usual system calls are used for large writes, on other systems and with the race
// detector, which must see the data.
package rawio
