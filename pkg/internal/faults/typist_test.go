package faults_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Times of a typist. A browser's client waits ten times as long before it considers a connection
// dead.
const (
	pressEvery = 25 * time.Millisecond
	renewEvery = time.Second
	silentFor  = 4 * time.Second
	redialLast = 500 * time.Millisecond
)

// typist is one person: a y-websocket client that types unique tokens and records which of them are
// stored.
type typist struct {
	// Fixed by newTypist.
	name        string
	participant string
	token       string
	session     string
	halt        chan struct{} // closed by vanish
	goroutines  sync.WaitGroup

	mu       sync.Mutex // guards the fields below
	addrs    []string   // addresses of nodes, tried in turn
	next     int
	docName  string // "" for the main document
	typing   bool
	doc      *crdt.Doc
	presence *protocol.Awareness
	clock    uint64
	typed    int
	pending  map[string]uint64 // token → number of its message on this connection; 0: not sent
	acked    []string
	closes   []int // codes of closes by the server
	final    int   // a final close code, or 0
	denied   int
	vanished bool

	// State of the current connection.
	conn     *websocket.Conn
	sent     uint64 // messages with changes
	answered bool   // step 2 was sent
}

// newTypist starts a typist for a participant.
func newTypist(t *testing.T, name string, who joined, nodes ...*node) *typist {
	t.Helper()
	p := &typist{
		name: name, participant: who.Participant.ID, token: who.Token, session: who.Session.ID,
		halt: make(chan struct{}), typing: true,
		doc: crdt.NewDoc(), presence: protocol.NewAwareness(), pending: map[string]uint64{},
	}
	for _, n := range nodes {
		p.addrs = append(p.addrs, n.addr)
	}
	p.goroutines.Go(p.connect)
	p.goroutines.Go(p.press)
	t.Cleanup(p.vanish)
	return p
}

// vanish ends the typist like closing the browser: unsaved tokens are lost.
func (p *typist) vanish() {
	p.mu.Lock()
	if !p.vanished {
		p.vanished = true
		close(p.halt)
	}
	if p.conn != nil {
		p.conn.Close()
	}
	p.mu.Unlock()
	p.goroutines.Wait()
}

// wait waits for d. The result is false if the typist has vanished.
func (p *typist) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.halt:
		return false
	}
}

// connect connects, reads until the connection ends, and then tries the next node.
func (p *typist) connect() {
	wait := 20 * time.Millisecond
	for {
		p.mu.Lock()
		addr, path := p.addrs[p.next%len(p.addrs)], "/ws/sessions/"+p.session
		p.next++
		if p.docName != "" {
			path += "/" + p.docName
		}
		p.mu.Unlock()
		began := time.Now()
		err := p.visit(addr, path)
		p.mu.Lock()
		p.conn = nil
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			p.closes = append(p.closes, closed.Code)
			if closed.Code >= 4400 && closed.Code < 4500 {
				p.final = closed.Code
			}
		}
		final := p.final
		p.mu.Unlock()
		if time.Since(began) > time.Second {
			wait = 20 * time.Millisecond
		}
		if final != 0 || !p.wait(wait/2+rand.N(wait)) {
			return
		}
		wait = min(2*wait, redialLast)
	}
}

// visit runs one connection until it ends.
func (p *typist) visit(addr, path string) error {
	dialer := websocket.Dialer{HandshakeTimeout: 3 * time.Second}
	conn, resp, err := dialer.Dial("ws://"+addr+path+"?ack=1&token="+p.token, nil)
	if err != nil {
		return err
	}
	resp.Body.Close()
	defer conn.Close()
	if !p.begin(conn) {
		return errors.New("over")
	}
	for {
		if err := conn.SetReadDeadline(time.Now().Add(silentFor)); err != nil {
			return err
		}
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if err := p.receive(frame); err != nil {
			return err
		}
	}
}

// begin sends the first messages of a connection. No unsaved token belongs to a message of this
// connection yet.
func (p *typist) begin(conn *websocket.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.vanished {
		return false
	}
	p.conn, p.sent, p.answered = conn, 0, false
	for token := range p.pending {
		p.pending[token] = 0
	}
	p.sendLocked(protocol.AppendStep1(nil, p.doc.EncodeStateVector()))
	p.publishLocked()
	return true
}

// sendLocked sends a frame. If the connection is broken, its reader ends it. The caller holds mu.
func (p *typist) sendLocked(frame []byte) {
	if p.conn == nil {
		return
	}
	_ = p.conn.SetWriteDeadline(time.Now().Add(silentFor)) // the write reports an error
	if err := p.conn.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		p.conn.Close()
	}
}

func (p *typist) publishLocked() {
	p.clock++
	state := fmt.Sprintf(`{"user":{"id":%q,"name":%q,"color":"#123456","role":"candidate"}}`, p.participant, p.name)
	e := protocol.AwarenessEntry{Client: p.doc.ClientID(), Clock: p.clock, State: []byte(state)}
	p.presence.Apply(e, time.Now())
	p.sendLocked(protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, e)))
}

func (p *typist) receive(frame []byte) error {
	m, err := protocol.Decode(frame)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case m.Type == protocol.TypeSync && m.Step == protocol.Step1:
		return p.answerLocked(m.Body)
	case m.Type == protocol.TypeSync:
		return p.doc.ApplyUpdate(m.Body)
	case m.Type == protocol.TypeAwareness:
		return p.hearLocked(m.Body)
	case m.Type == protocol.TypeAuth:
		p.denied++
	case m.Type == protocol.TypeSaved:
		p.savedLocked(m.Count)
	}
	return nil
}

// answerLocked sends everything that the server lacks, including every token that may not be stored
// yet.
func (p *typist) answerLocked(vector []byte) error {
	update, err := p.doc.EncodeStateAsUpdate(vector)
	if err != nil {
		return err
	}
	p.sent++
	p.answered = true
	for token, number := range p.pending {
		if number == 0 {
			p.pending[token] = p.sent
		}
	}
	p.sendLocked(protocol.AppendStep2(nil, update))
	return nil
}

func (p *typist) hearLocked(update []byte) error {
	list, err := protocol.ReadAwareness(update)
	for err == nil && list.Len() > 0 {
		var e protocol.AwarenessEntry
		if e, err = list.Next(); err == nil {
			if e.Client == p.doc.ClientID() && e.Clock >= p.clock {
				if e.Removed() { // others considered this client gone
					p.clock = e.Clock
					p.publishLocked()
				}
				continue
			}
			p.presence.Apply(e, time.Now())
		}
	}
	return err
}

// savedLocked records the tokens that are stored now. The caller holds mu.
func (p *typist) savedLocked(count uint64) {
	if !p.answered {
		return // tokens of earlier connections have not been sent again yet
	}
	for token, number := range p.pending {
		if number != 0 && number <= count {
			p.acked = append(p.acked, token)
			delete(p.pending, token)
		}
	}
}

// press types repeatedly and renews the presence.
func (p *typist) press() {
	renewed := time.Now()
	for p.wait(pressEvery/2 + rand.N(pressEvery)) {
		p.mu.Lock()
		if p.typing && p.final == 0 {
			p.pressLocked()
		}
		if time.Since(renewed) > renewEvery {
			renewed = time.Now()
			p.publishLocked()
			p.presence.Expire(time.Now())
		}
		p.mu.Unlock()
	}
}

// pressLocked inserts one token at a random position, sometimes deletes a filler, and sends the
// change.
func (p *typist) pressLocked() {
	p.typed++
	token := fmt.Sprintf("[%s.%d]", p.name, p.typed)
	var update []byte
	cancel := p.doc.OnUpdate(func(u []byte, _ any) { update = u })
	p.doc.Transact(nil, func() {
		text := p.doc.Text("file:main")
		have := text.String() // only ASCII: bytes are UTF-16 units
		if i := strings.IndexByte(have, '~'); i >= 0 && p.typed%3 == 0 {
			must(text.Delete(i, 1))
			have = have[:i] + have[i+1:]
		}
		if p.typed%5 == 0 {
			token += "~"
		}
		must(text.Insert(insertAt(have), token))
	})
	cancel()
	p.pending[strings.TrimSuffix(token, "~")] = 0
	if p.conn == nil {
		return
	}
	p.sent++
	if p.answered {
		p.pending[strings.TrimSuffix(token, "~")] = p.sent
	}
	p.sendLocked(protocol.AppendUpdate(nil, update))
}

// insertAt returns a random index that is not within a token.
func insertAt(text string) int {
	if i := rand.N(len(text) + 1); rand.N(2) == 0 {
		if next := strings.IndexByte(text[i:], '['); next >= 0 {
			return i + next
		}
	}
	return len(text)
}

func must(err error) {
	if err != nil {
		panic(err) // cannot happen: the position is valid
	}
}

// Methods for tests.

func (p *typist) with(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

func (p *typist) rest() { p.with(func() { p.typing = false }) }
func (p *typist) goOn() { p.with(func() { p.typing = true }) }

// moveTo makes the typist use only these nodes from now on.
func (p *typist) moveTo(nodes ...*node) {
	p.with(func() {
		p.addrs = nil
		for _, n := range nodes {
			p.addrs = append(p.addrs, n.addr)
		}
		if p.conn != nil && !slices.Contains(p.addrs, p.conn.RemoteAddr().String()) {
			p.conn.Close()
		}
	})
}

// unsaved returns the number of tokens that are not known to be stored.
func (p *typist) unsaved() (n int) {
	p.with(func() { n = len(p.pending) })
	return n
}

func (p *typist) saved() (tokens []string) {
	p.with(func() { tokens = slices.Clone(p.acked) })
	return tokens
}

func (p *typist) state() (state []byte, text string) {
	p.with(func() {
		var err error
		state, err = p.doc.EncodeStateAsUpdate(nil)
		must(err)
		text = p.doc.Text("file:main").String()
	})
	return state, text
}

// has returns an error if the text differs from want.
func (p *typist) has(want string) error {
	if _, text := p.state(); text != want {
		return fmt.Errorf("%s has %d bytes of text, want %d", p.name, len(text), len(want))
	}
	return nil
}

// sees returns the ids of the clients that the typist sees present, sorted.
func (p *typist) sees() (clients []uint64) {
	p.with(func() {
		for _, client := range p.presence.Clients() {
			if e, known := p.presence.Entry(client); known && !e.Removed() {
				clients = append(clients, client)
			}
		}
	})
	slices.Sort(clients)
	return clients
}

// String describes the state of the typist.
func (p *typist) String() (s string) {
	p.with(func() {
		s = fmt.Sprintf("typed %d, sent %d, answered %v, denied %d, closed with %v, final %d, connected %v", p.typed, p.sent, p.answered, p.denied, p.closes, p.final, p.conn != nil)
	})
	return s
}
