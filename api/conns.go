package api

import (
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Bounds of the connections that speak HTTP. An upgraded connection does not count here, see
// visits. A connection takes some 40 KiB.
const (
	maxHTTPEach = 2000   // of one address, if --max-connections allows as many
	minHTTPEach = 100    // of one address at least; browsers keep six connections to a host
	maxHTTP     = 20_000 // in all
)

// doorman counts the connections that speak HTTP, by the address of the peer, and closes those
// above the limit. Trusted proxies have no limit of their own. A doorman is safe for concurrent
// use.
type doorman struct {
	perAddress int // 0: no limit
	trusted    func(net.IP) bool
	log        *slog.Logger

	mu     sync.Mutex // guards the fields below
	open   map[string]int
	warned time.Time
}

func newDoorman(perAddress int, trusted func(net.IP) bool, log *slog.Logger) *doorman {
	if perAddress > 0 {
		perAddress = min(max(perAddress, minHTTPEach), maxHTTPEach)
	}
	return &doorman{perAddress: perAddress, trusted: trusted, log: log, open: map[string]int{}}
}

// changed is told of every change of a connection's state. A closed connection reports its end
// like every other one.
func (d *doorman) changed(conn net.Conn, state fasthttp.ConnState) {
	peer, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok || d.perAddress == 0 {
		return
	}
	switch state {
	case fasthttp.StateNew:
		if d.enter(peer.IP) {
			return
		}
		_ = conn.Close()
	case fasthttp.StateHijacked, fasthttp.StateClosed:
		d.leave(peer.IP)
	}
}

// enter counts a connection. The result is false if it must be closed.
func (d *doorman) enter(ip net.IP) bool {
	key := limitKey(ip.String())
	trusted := d.trusted(ip)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[key]++
	if trusted || d.open[key] <= d.perAddress {
		return true
	}
	if now := time.Now(); now.Sub(d.warned) > time.Minute {
		d.warned = now
		d.log.Warn("an address has too many connections; new ones are closed. Name a proxy with --trusted-proxy", "from", ip.String(), "limit", d.perAddress)
	}
	return false
}

func (d *doorman) leave(ip net.IP) {
	key := limitKey(ip.String())
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[key]--; d.open[key] <= 0 {
		delete(d.open, key)
	}
}
