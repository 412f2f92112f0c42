package api_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
)

// abuser attacks the room of session one until the server closes its connections or stop is closed.
type abuser func(e *edge, stop <-chan struct{})

// masked returns a client's binary frame with a mask of zeros.
func masked(payload []byte) []byte {
	b := []byte{0x82, 0x80 | 127}
	b = binary.BigEndian.AppendUint64(b, uint64(len(payload)))
	if len(payload) < 126 {
		b = []byte{0x82, 0x80 | byte(len(payload))}
	} else if len(payload) < 1<<16 {
		b = binary.BigEndian.AppendUint16([]byte{0x82, 0x80 | 126}, uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

var abusers = map[string]abuser{
	"stops reading": func(e *edge, stop <-chan struct{}) {
		e.mute("/ws/sessions/one?as=stuck").SetReadBuffer(4 << 10)
		<-stop
	},
	"sends a byte at a time": func(e *edge, stop <-chan struct{}) {
		c := e.mute("/ws/sessions/one?as=slow")
		frame := masked(protocol.AppendUpdate(nil, make([]byte, 10_000)))
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-tick.C:
				c.Write(frame[i%len(frame):][:1])
			case <-stop:
				return
			}
		}
	},
	"floods": func(e *edge, _ <-chan struct{}) {
		c := e.mute("/ws/sessions/one?as=flood")
		go io.Copy(io.Discard, c) //nolint:errcheck // ends with the connection

		// Many messages in one write. With single writes, a slow machine stays below the limit.
		frame := bytes.Repeat(masked(protocol.AppendQueryAwareness(nil)), 50)
		for {
			if _, err := c.Write(frame); err != nil {
				return // closed by the rate limit
			}
		}
	},
	"floods with large messages": func(e *edge, _ <-chan struct{}) {
		c := e.mute("/ws/sessions/one?as=heavy")
		go io.Copy(io.Discard, c) //nolint:errcheck // ends with the connection
		frame := masked(append([]byte{99}, make([]byte, 500_000)...))
		for {
			if _, err := c.Write(frame); err != nil {
				return
			}
		}
	},
	"sends rubbish": func(e *edge, stop <-chan struct{}) {
		random := rand.New(rand.NewPCG(1, 2))
		for {
			select {
			case <-stop:
				return
			default:
			}
			c := e.mute("/ws/sessions/one?as=vandal")
			junk := make([]byte, 1+random.IntN(300))
			for i := range junk {
				junk[i] = byte(random.Uint32())
			}
			if random.IntN(2) == 0 {
				junk = masked(append([]byte{0, 2}, junk...))
			}
			c.Write(junk)
			c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			io.Copy(io.Discard, c) // the content does not matter
			c.Close()
		}
	},
}

// crowd opens 300 silent connections.
func crowd(e *edge, stop <-chan struct{}) {
	for range 300 {
		e.mute("/ws/sessions/one?as=silent")
	}
	<-stop
}

// TestAbuseIsNotFelt lets two people type in a room while all abusers attack it. Each keystroke
// must arrive, memory must stay flat, and all resources must be released at the end.
func TestAbuseIsNotFelt(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *api.SocketOptions) { o.WriteTimeout = time.Second })
	ada, bob := e.mustDial("/ws/sessions/one?as=ada"), e.mustDial("/ws/sessions/one?as=bob")
	bob.SetReadDeadline(time.Now().Add(2 * time.Minute))
	var reading sync.WaitGroup
	reading.Go(func() { drainMessages(ada) })
	before := heap()
	stop := make(chan struct{})
	var abusing sync.WaitGroup
	for _, act := range abusers {
		abusing.Go(func() { act(e, stop) })
	}
	eventually(t, "the active abusers", func() bool { // before the crowd takes the free places
		stats := e.relay.Stats()
		// The sender of rubbish reconnects all the time.
		return stats.Conns+int(stats.Count(relay.MessagesTooMany)) >= 2+len(abusers)-1
	})
	abusing.Go(func() { crowd(e, stop) })
	eventually(t, "the crowd", func() bool { // the room admits 100 of them
		stats := e.relay.Stats()
		return uint64(stats.Conns)+stats.Closed[relay.CloseTooMany] > 250
	})

	doc, copyOf := crdt.NewDoc(), crdt.NewDoc()
	var frame []byte
	defer doc.OnUpdate(func(u []byte, _ any) { frame = protocol.AppendUpdate(nil, u) })()
	slowest := time.Duration(0)
	for i := range 150 {
		text := doc.Text("file:main")
		if err := text.Insert(text.Len(), "x"); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 { // would pile up for readers that do not read
			_ = doc.Text("big").Delete(0, doc.Text("big").Len())
			_ = doc.Text("big").Insert(0, strings.Repeat("y", 300_000))
			state, err := doc.EncodeStateAsUpdate(nil)
			if err != nil {
				t.Fatal(err)
			}
			frame = protocol.AppendUpdate(nil, state)
		}
		sent := time.Now()
		if err := ada.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			t.Fatalf("keystroke %d: %v", i, err)
		}
		for copyOf.Text("file:main").Len() <= i {
			m, err := protocol.Decode(read(t, bob))
			if err != nil {
				t.Fatal(err)
			}
			if m.Type == protocol.TypeSync && m.Step == protocol.Update {
				if err := copyOf.ApplyUpdate(m.Body); err != nil {
					t.Fatal(err)
				}
			}
		}
		slowest = max(slowest, time.Since(sent))
	}
	t.Logf("the slowest keystroke took %v", slowest)
	if grown := heap() - before; grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	eventually(t, "the closing of both flooders and the sender of rubbish", func() bool {
		stats := e.relay.Stats()
		return stats.Count(relay.MessagesTooMany) >= 2 && stats.Closed[relay.CloseMalformed] > 0
	})
	close(stop)
	abusing.Wait()
	ada.Close()
	reading.Wait()
	bob.Close()
}

func drainMessages(c *websocket.Conn) {
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
	}
}

// heap returns the bytes in use after a garbage collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestFramesBehindTheHandshake sends a message together with the handshake, before the answer. The
// server reads that message with the request and must not lose it.
func TestFramesBehindTheHandshake(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	c, err := net.Dial("tcp", e.host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(c, "GET /ws/sessions/one HTTP/1.1\r\nHost: "+e.host+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+string(masked([]byte{1})))
	all, _ := io.ReadAll(c) // an awareness message without a body is malformed
	if want := binary.BigEndian.AppendUint16(nil, uint16(relay.CloseMalformed)); !strings.Contains(string(all), string(want)) {
		t.Errorf("got %q, want a close with 4400", all)
	}
}
