package wsconn_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/wsconn"
)

// parkingOptions park a connection soon.
func parkingOptions() *wsconn.Options {
	o := options()
	o.Quiet, o.Poller = 5*time.Millisecond, wsconn.NewPoller()
	return o
}

// reader reads a connection as the relay does, in a goroutine that ends whenever the connection is
// parked.
type reader struct {
	conn     *wsconn.Conn
	messages chan []byte
	ended    chan error
	reading  atomic.Int32 // running calls of Resume
	parked   atomic.Int64 // number of parkings
}

func startReader(c *wsconn.Conn) *reader {
	r := &reader{conn: c, messages: make(chan []byte, 1000), ended: make(chan error, 1)}
	go r.Resume() // ends with the connection
	return r
}

func (r *reader) Resume() {
	if r.reading.Add(1) != 1 {
		panic("two readers")
	}
	for {
		err := r.conn.Wait()
		if errors.Is(err, wsconn.ErrQuiet) {
			r.parked.Add(1)
			r.reading.Add(-1)
			if r.conn.Park(r) {
				return
			}
			r.reading.Add(1)
			continue
		}
		var message []byte
		if err == nil {
			message, err = r.conn.ReadMessage()
		}
		if err != nil {
			r.conn.Finish(1000)
			r.reading.Add(-1)
			r.ended <- err
			return
		}
		r.messages <- message
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("writeTimed out waiting for %s", what)
		}
	}
}

func (r *reader) awaitParked(t *testing.T) {
	t.Helper()
	n := r.parked.Load()
	eventually(t, "a reader that ends", func() bool { return r.parked.Load() > 0 && r.parked.Load() >= n && r.reading.Load() == 0 })
}

func TestAQuietConnectionHasNoReader(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	r := startReader(wsconn.New(server, nil, parkingOptions()))
	for n := range 20 {
		r.awaitParked(t)
		want := text(n * 100)
		if n%2 == 0 {
			client.Write(frame(0x82, want))
		} else { // in two pieces; the first is not a whole message
			b := frame(0x82, want)
			client.Write(b[:len(b)/2])
			client.Write(b[len(b)/2:])
		}
		if got := <-r.messages; string(got) != string(want) {
			t.Fatalf("message %d: got %d bytes, want %d", n, len(got), len(want))
		}
	}
	client.Close()
	if err := <-r.ended; !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
}

func TestCloseEndsAParkedConnection(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	o := parkingOptions()
	o.Linger = 50 * time.Millisecond
	c := wsconn.New(server, nil, o)
	r := startReader(c)
	r.awaitParked(t)
	if err := c.Close(4410, "gone"); err != nil {
		t.Error(err)
	}
	ops, payloads := readFrames(t, client, 1)
	if ops[0] != 0x88 || binary.BigEndian.Uint16(payloads[0]) != 4410 {
		t.Errorf("got frame %#x %q, want the close frame", ops[0], payloads[0])
	}
	if err := <-r.ended; !errors.Is(err, os.ErrDeadlineExceeded) { // the client does not answer
		t.Errorf("ended with %v", err)
	}
}

func TestParkedPeersArePinged(t *testing.T) {
	t.Parallel()
	o := parkingOptions()
	o.PingEvery, o.Alive, o.Linger = 80*time.Millisecond, 200*time.Millisecond, time.Millisecond
	server, client := pair(t, overTCP)
	alive := startReader(wsconn.New(server, nil, o))
	deadEnd, silent := pair(t, overTCP)
	dead := startReader(wsconn.New(deadEnd, nil, o))
	for range 10 { // several times as long as a peer may be silent
		if ops, _ := readFrames(t, client, 1); ops[0] != 0x89 {
			t.Fatalf("got frame %#x, want a ping", ops[0])
		}
		client.Write(frame(0x8a, nil))
	}
	if err := <-dead.ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the silent peer's connection ended with %v", err)
	}
	if ops, _ := readFrames(t, silent, 1); ops[0] != 0x89 {
		t.Errorf("the silent peer got frame %#x, want a ping", ops[0])
	}
	if alive.parked.Load() < 3 {
		t.Errorf("the peer that answers was parked %d times", alive.parked.Load())
	}
	client.Close()
	<-alive.ended
}

// TestWhatCannotBeParkedIsNeverQuiet checks that connections over TLS and in memory keep their
// reader.
func TestWhatCannotBeParkedIsNeverQuiet(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"tls":    func(c net.Conn) net.Conn { return tls.Server(c, &tls.Config{}) },
		"memory": func(c net.Conn) net.Conn { return c },
	} {
		o := parkingOptions()
		o.PingEvery, o.Alive, o.Linger = 20*time.Millisecond, 60*time.Millisecond, time.Millisecond
		server, client := pair(t, name == "memory")
		go io.Copy(io.Discard, client) // ends with client
		c := wsconn.New(wrap(server), nil, o)
		if err := c.Wait(); err == nil || errors.Is(err, wsconn.ErrQuiet) || c.Park(nil) {
			t.Errorf("%s: Wait gave %v", name, err)
		}
		server.Close()
	}
}

// TestParkingRaces sends messages and close frames of both sides, and closes connections, at the
// moment of parking.
func TestParkingRaces(t *testing.T) {
	t.Parallel()
	o := parkingOptions()
	o.Quiet, o.Linger = 200*time.Microsecond, 5*time.Millisecond
	var all sync.WaitGroup
	var parked atomic.Int64
	for worker := range 8 {
		all.Go(func() {
			for round := range 60 {
				server, client := pair(t, overTCP)
				c := wsconn.New(server, nil, o)
				r := startReader(c)
				for range round % 7 {
					client.Write(frame(0x82, []byte{byte(round)}))
					if got := <-r.messages; got[0] != byte(round) {
						t.Errorf("got %v", got)
					}
					for end := time.Now().Add(time.Duration(round*worker) * 3 * time.Microsecond); time.Now().Before(end); {
						runtime.Gosched()
					}
				}
				switch (round + worker) % 3 {
				case 0:
					client.Close()
				case 1:
					c.Close(1012, "restart")
				default:
					all.Go(func() { client.Close() })
					c.Close(1012, "restart")
				}
				select {
				case <-r.ended:
				case <-time.After(20 * time.Second):
					t.Error("a connection did not end")
					return
				}
				parked.Add(r.parked.Load())
			}
		})
	}
	all.Wait()
	if parked.Load() == 0 {
		t.Error("no connection was parked")
	}
}
