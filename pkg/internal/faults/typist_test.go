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

// Times of a typist. A browser's client waits ten times as long before it takes a connection for dead.
const (
	pressEvery = 25 * time.Millisecond
	renewEvery = time.Second
	silentFor  = 4 * time.Second
	redialLast = 500 * time.Millisecond
)

// typist is one person: a y-websocket client that types unique tokens and notes which of them are stored.
type typist struct {
	// Fixed by newTypist.
	name        string
	participant string
	token       string
	session     string
	halt        chan struct{} // closed by vanish
	goroutines  sync.WaitGroup

	mu       sync.Mutex // guards what follows
	addrs    []string   // of nodes, tried in turn
	next     int
	place    string // document, "" for the main one
	typing   bool
	doc      *crdt.Doc
	presence *protocol.Awareness
	clock    uint64
	typed    int
	pending  map[string]uint64 // token → number of the message that carries it; 0: none on this connection
	acked    []string
	closes   []int // codes that the server closed with
	final    int   // a final close code
	denied   int
	vanished bool

	// Of the present connection.
	conn     *websocket.Conn
	sent     uint64 // messages with changes
	answered bool   // step 2 was sent
}

// newTypist lets somebody in.
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

// vanish ends it all, as closing the browser does: what was not stored is lost.
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

// wait waits, unless everything is over.
func (p *typist) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.halt:
		return false
	}
}

// connect connects, reads until the connection ends, and tries the next node.
func (p *typist) connect() {
	wait := 20 * time.Millisecond
	for {
		p.mu.Lock()
		addr, path := p.addrs[p.next%len(p.addrs)], "/ws/sessions/"+p.session
		p.next++
		if p.place != "" {
			path += "/" + p.place
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

// visit is the life of one connection.
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

// begin says hello. All of the tokens that are not known to be stored are of no message of this connection yet.
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

// sendLocked sends a frame. A connection that takes none is ended by its reader. The caller holds mu.
func (p *typist) sendLocked(frame []byte) {
	if p.conn == nil {
		return
	}
	_ = p.conn.SetWriteDeadline(time.Now().Add(silentFor)) // an error comes back from the write
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

// answerLocked sends what the server lacks: with it goes every token that the server may not have stored.
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
				if e.Removed() { // others took us for gone
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

// savedLocked notes the tokens that are stored now. The caller holds mu.
func (p *typist) savedLocked(count uint64) {
	if !p.answered {
		return // what earlier connections may have lost is not on its way yet
	}
	for token, number := range p.pending {
		if number != 0 && number <= count {
			p.acked = append(p.acked, token)
			delete(p.pending, token)
		}
	}
}

// press types, and renews the presence.
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

// pressLocked types one token somewhere between others, now and then deletes a filler, and sends what it did.
func (p *typist) pressLocked() {
	p.typed++
	token := fmt.Sprintf("[%s.%d]", p.name, p.typed)
	var update []byte
	cancel := p.doc.OnUpdate(func(u []byte, _ any) { update = u })
	p.doc.Transact(nil, func() {
		text := p.doc.Text("file:main")
		have := text.String() // ASCII alone: bytes are UTF-16 units
		if i := strings.IndexByte(have, '~'); i >= 0 && p.typed%3 == 0 {
			must(text.Delete(i, 1))
			have = have[:i] + have[i+1:]
		}
		if p.typed%5 == 0 {
			token += "~"
		}
		must(text.Insert(place(have), token))
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

// place gives an index at which no token is torn.
func place(text string) int {
	if i := rand.N(len(text) + 1); rand.N(2) == 0 {
		if next := strings.IndexByte(text[i:], '['); next >= 0 {
			return i + next
		}
	}
	return len(text)
}

func must(err error) {
	if err != nil {
		panic(err) // an edit of one's own document at a place that it has
	}
}

// What a test asks.

func (p *typist) with(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

func (p *typist) rest() { p.with(func() { p.typing = false }) }
func (p *typist) goOn() { p.with(func() { p.typing = true }) }

// moveTo makes it use these nodes alone, from now on.
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

// unsaved counts the tokens that are not known to be stored.
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

// has says how the text differs from another.
func (p *typist) has(want string) error {
	if _, text := p.state(); text != want {
		return fmt.Errorf("%s has %d bytes of text, want %d", p.name, len(text), len(want))
	}
	return nil
}

// sees gives the client ids of those whom it sees present, sorted.
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

// String says how it is with the typist.
func (p *typist) String() (s string) {
	p.with(func() {
		s = fmt.Sprintf("typed %d, sent %d, answered %v, denied %d, closed with %v, final %d, connected %v", p.typed, p.sent, p.answered, p.denied, p.closes, p.final, p.conn != nil)
	})
	return s
}
