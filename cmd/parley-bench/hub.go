//go:build linux

package main

import (
	"bufio"
	"encoding/binary"
	"net"
	"sync"

	"github.com/fasthttp/websocket"
	fiberws "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"parley/pkg/protocol"
)

// hub is the yardstick for a server on this stack. It copies each message to everybody else in the
// room without looking into the message.
type hub struct {
	queue  bool             // waiting messages go out in one write, else each in its own
	copies func(to int) int // how many copies of a message the to-th receiver gets; nil means one

	mu    sync.Mutex
	rooms map[string][]*member
}

// member is a connection of a hub.
type member struct {
	ws *websocket.Conn

	mu      sync.Mutex // one writes at a time
	waiting [][]byte
	writing bool
	writers sync.WaitGroup
}

// hubVariable tells a test binary to run as a hub.
const hubVariable = "PARLEY_BENCH_HUB"

// runHub serves until it is killed.
func runHub(mode, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	h := &hub{queue: mode == "-queue"}
	return h.app().Listener(l)
}

func (h *hub) app() *fiber.App {
	h.rooms = map[string][]*member{}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/:room", fiberws.New(func(c *fiberws.Conn) { h.serve(c) }, fiberws.Config{ReadBufferSize: 1024, WriteBufferSize: 1024}))
	return app
}

// here tells a client that it is in the room now: an empty step 2.
var here = protocol.AppendStep2(nil, []byte{0, 0})

func (h *hub) serve(ws *fiberws.Conn) {
	m := &member{ws: ws.Conn} // the wrapper goes back to a pool
	name := ws.Params("room")
	h.change(name, func(all []*member) []*member { return append(all, m) })
	m.send(here, h.queue)
	defer m.writers.Wait()
	defer h.change(name, func(all []*member) []*member {
		for i := range all {
			if all[i] == m {
				return append(all[:i:i], all[i+1:]...)
			}
		}
		return all
	})
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		h.mu.Lock()
		others := h.rooms[name]
		h.mu.Unlock()
		for i, other := range others {
			if other == m {
				continue
			}
			if h.copies == nil {
				other.send(message, h.queue)
				continue
			}
			for range h.copies(i) {
				other.send(message, h.queue)
			}
		}
	}
}

// change replaces the list of a room; a list that somebody holds never changes.
func (h *hub) change(name string, fn func([]*member) []*member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.rooms[name]
	h.rooms[name] = fn(old[:len(old):len(old)])
	if len(h.rooms[name]) == 0 {
		delete(h.rooms, name)
	}
}

func (m *member) send(message []byte, queue bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !queue {
		_ = m.ws.WriteMessage(fiberws.BinaryMessage, message) // an error shows in the reader
		return
	}
	m.waiting = append(m.waiting, message)
	if !m.writing {
		m.writing = true
		m.writers.Go(m.write)
	}
}

// write sends what waits in one write, until nothing does.
func (m *member) write() {
	conn := m.ws.NetConn()
	for {
		m.mu.Lock()
		frames := m.waiting
		m.waiting = nil
		m.writing = len(frames) > 0
		m.mu.Unlock()
		if len(frames) == 0 {
			return
		}
		w := bufio.NewWriterSize(conn, 16<<10)
		for _, f := range frames {
			head := append(w.AvailableBuffer(), opBinary)
			switch {
			case len(f) < 126:
				head = append(head, byte(len(f)))
			case len(f) < 1<<16:
				head = binary.BigEndian.AppendUint16(append(head, 126), uint16(len(f)))
			default:
				head = binary.BigEndian.AppendUint64(append(head, 127), uint64(len(f)))
			}
			_, _ = w.Write(head)
			_, _ = w.Write(f)
		}
		_ = w.Flush() // an error shows in the reader
	}
}
