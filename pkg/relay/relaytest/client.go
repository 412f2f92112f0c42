package relaytest

import (
	"context"
	"fmt"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
)

// epoch is the time at which a Client hears everything, so that no state expires.
var epoch = time.Unix(0, 0)

// Client is one connection to a relay, with a document of its own. It behaves as y-websocket does,
// but does nothing by itself: Pump takes in what has arrived. It is not safe for concurrent use.
type Client struct {
	*Pipe
	Doc      *crdt.Doc
	Presence *protocol.Awareness
	Synced   bool     // a step 2 has arrived
	Denied   int      // number of "permission denied" messages
	Saved    []uint64 // counts in the "saved" messages
	Vector   []byte   // state vector in the last "saved" message
	Frames   [][]byte // everything that Pump has taken in

	clock uint64
	done  chan error
}

// Connect serves a new Client on r. doc may be the document of an earlier Client; nil makes a new
// one.
func Connect(r *relay.Relay, id relay.RoomID, g relay.Grant, doc *crdt.Doc) *Client {
	if doc == nil {
		doc = crdt.NewDoc()
	}
	c := &Client{Pipe: NewPipe(), Doc: doc, Presence: protocol.NewAwareness(), done: make(chan error, 1)}
	// Ends with the connection.
	go func() { c.done <- r.Serve(context.Background(), id, g, c.Pipe) }()
	return c
}

// Wait blocks until Serve has returned and returns its error.
func (c *Client) Wait() error { return <-c.done }

// Leave hangs up and waits for Serve.
func (c *Client) Leave() error {
	c.Hangup()
	return c.Wait()
}

// Hello sends step 1, as y-websocket does after it has connected.
func (c *Client) Hello() { c.Send(protocol.AppendStep1(nil, c.Doc.EncodeStateVector())) }

// Pump takes in what has arrived, answers step 1, and returns the number of messages.
func (c *Client) Pump() (int, error) {
	frames := c.Take(-1)
	c.Frames = append(c.Frames, frames...)
	for _, f := range frames {
		if err := c.receive(f); err != nil {
			return len(frames), err
		}
	}
	return len(frames), nil
}

func (c *Client) receive(frame []byte) error {
	m, err := protocol.Decode(frame)
	if err != nil {
		return err
	}
	switch {
	case m.Type == protocol.TypeSync && m.Step == protocol.Step1:
		update, err := c.Doc.EncodeStateAsUpdate(m.Body)
		if err != nil {
			return err
		}
		c.Send(protocol.AppendStep2(nil, update))
	case m.Type == protocol.TypeSync:
		c.Synced = c.Synced || m.Step == protocol.Step2
		return c.Doc.ApplyUpdate(m.Body)
	case m.Type == protocol.TypeAwareness:
		return c.hear(m.Body)
	case m.Type == protocol.TypeAuth:
		c.Denied++
	case m.Type == protocol.TypeSaved:
		c.Saved, c.Vector = append(c.Saved, m.Count), m.Body
	default:
		return fmt.Errorf("message of type %d", m.Type)
	}
	return nil
}

func (c *Client) hear(update []byte) error {
	list, err := protocol.ReadAwareness(update)
	for err == nil && list.Len() > 0 {
		var e protocol.AwarenessEntry
		if e, err = list.Next(); err == nil {
			c.Presence.Apply(e, epoch)
		}
	}
	return err
}

// Edit changes the client's document, sends the update and returns its frame.
func (c *Client) Edit(fn func(*crdt.Doc)) []byte {
	var frame []byte
	cancel := c.Doc.OnUpdate(func(update []byte, _ any) { frame = protocol.AppendUpdate(nil, update) })
	defer cancel()
	c.Doc.Transact(nil, func() { fn(c.Doc) })
	if frame != nil {
		c.Send(frame)
	}
	return frame
}

// Type inserts text at the end of the main file.
func (c *Client) Type(text string) []byte {
	return c.Edit(func(d *crdt.Doc) {
		t := d.Text("file:main")
		if err := t.Insert(t.Len(), text); err != nil {
			panic(err) // cannot happen: the index is the length
		}
	})
}

// Text is the main file as the client has it.
func (c *Client) Text() string { return c.Doc.Text("file:main").String() }

// Publish sends the client's presence under its next clock.
func (c *Client) Publish(state string) {
	c.clock++
	c.PublishAs(c.Doc.ClientID(), c.clock, state)
}

// PublishAs sends the presence of any client id.
func (c *Client) PublishAs(client, clock uint64, state string) {
	e := protocol.AwarenessEntry{Client: client, Clock: clock, State: []byte(state)}
	c.Send(protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, e)))
}

// State is the presence of a client id as this Client has heard it, "" when there is none.
func (c *Client) State(client uint64) string {
	e, known := c.Presence.Entry(client)
	if !known || e.Removed() {
		return ""
	}
	return string(e.State)
}
