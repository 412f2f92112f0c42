package protocol_test

import (
	"fmt"
	"log"

	"parley/crdt"
	"parley/pkg/protocol"
)

// replica is one side of a connection: a document, and the way to the other side.
type replica struct {
	doc  *crdt.Doc
	send func(frame []byte)
}

// receive handles a frame of the other side, as a y-websocket client or server does.
func (r *replica) receive(frame []byte) error {
	m, err := protocol.Decode(frame)
	if err != nil || m.Type != protocol.TypeSync {
		return err
	}
	switch m.Step {
	case protocol.Step1: // the other side says what it has, and asks for the rest
		missing, err := r.doc.EncodeStateAsUpdate(m.Body)
		if err != nil {
			return err
		}
		r.send(protocol.AppendStep2(nil, missing))
	case protocol.Step2, protocol.Update:
		return r.doc.ApplyUpdate(m.Body)
	}
	return nil
}

// Two documents that were edited apart exchange what each of them lacks. Afterwards every edit
// travels as an update. Over a websocket these frames are the protocol of y-websocket.
func Example() {
	server := &replica{doc: crdt.NewDoc(crdt.WithClientID(1))}
	client := &replica{doc: crdt.NewDoc(crdt.WithClientID(2))}

	// A program sends the frames over a connection. Here they wait in a queue.
	var wire []func() error
	server.send = func(frame []byte) { wire = append(wire, func() error { return client.receive(frame) }) }
	client.send = func(frame []byte) { wire = append(wire, func() error { return server.receive(frame) }) }
	deliver := func() {
		for ; len(wire) > 0; wire = wire[1:] {
			if err := wire[0](); err != nil {
				log.Fatal(err)
			}
		}
	}
	insert := func(r *replica, at int, text string) {
		if err := r.doc.Text("notes").Insert(at, text); err != nil {
			log.Fatal(err)
		}
	}

	insert(server, 0, "Hello")
	insert(client, 0, "world")
	server.send(protocol.AppendStep1(nil, server.doc.EncodeStateVector()))
	client.send(protocol.AppendStep1(nil, client.doc.EncodeStateVector()))
	deliver()
	fmt.Println(server.doc.Text("notes"))
	fmt.Println(client.doc.Text("notes"))

	client.doc.OnUpdate(func(update []byte, _ any) {
		client.send(protocol.AppendUpdate(nil, update))
	})
	insert(client, 5, ", ")
	deliver()
	fmt.Println(server.doc.Text("notes"))
	// Output:
	// Helloworld
	// Helloworld
	// Hello, world
}
