package protocol_test

import (
	"fmt"
	"log"
	"time"

	"parley/pkg/protocol"
)

// A server keeps the newest state of each client and tells newcomers who is there.
func ExampleAwareness() {
	now := time.Unix(0, 0)
	present := protocol.NewAwareness()

	// Ada's client publishes her name. The frame is what y-protocols sends.
	frame := protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil,
		protocol.AwarenessEntry{Client: 7, Clock: 1, State: []byte(`{"user":{"name":"Ada"}}`)}))

	m, err := protocol.Decode(frame)
	if err != nil {
		log.Fatal(err)
	}
	entries, err := protocol.ReadAwareness(m.Body)
	if err != nil {
		log.Fatal(err)
	}
	for entries.Len() > 0 {
		e, err := entries.Next()
		if err != nil {
			log.Fatal(err)
		}
		change := present.Apply(e, now)
		fmt.Println("added:", change == protocol.Added)
		fmt.Println("the same once more is ignored:", present.Apply(e, now) == protocol.Ignored)
	}

	// A newcomer is told of everybody who is present.
	for _, client := range present.Clients() {
		e, _ := present.Entry(client)
		fmt.Printf("client %d, clock %d: %s\n", e.Client, e.Clock, e.State)
	}

	// Clients renew their state every 15 seconds. Without news for 30 seconds Ada is gone.
	gone := present.Expire(now.Add(protocol.AwarenessTimeout))
	fmt.Println("gone:", gone, "present:", present.Len())
	// Output:
	// added: true
	// the same once more is ignored: true
	// client 7, clock 1: {"user":{"name":"Ada"}}
	// gone: [7] present: 0
}

// Every byte string is a legal input. What cannot be decoded says where and why.
func ExampleDecode() {
	for _, frame := range [][]byte{
		protocol.AppendQueryAwareness(nil),
		protocol.AppendDenied(nil, "read only"),
		{0, 2, 200}, // an update of 200 bytes that are not there
	} {
		m, err := protocol.Decode(frame)
		fmt.Printf("type %d, body %q, error: %v\n", m.Type, m.Body, err)
	}
	// Output:
	// type 3, body "", error: <nil>
	// type 2, body "read only", error: <nil>
	// type 0, body "", error: malformed message: expected sync body at byte 2
}
