package crdt_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"parley/crdt"
)

// Two documents edit at the same time and exchange their Updates. Both end with the same text.
func Example() {
	ana, ben := crdt.NewDoc(crdt.WithClientID(1)), crdt.NewDoc(crdt.WithClientID(2))

	// Each sends to the other what its own edits changed. The origin keeps an Update from being
	// sent back.
	ana.OnUpdate(func(update []byte, origin any) {
		if origin != "network" {
			check(ben.ApplyUpdateFrom(update, "network"))
		}
	})
	ben.OnUpdate(func(update []byte, origin any) {
		if origin != "network" {
			check(ana.ApplyUpdateFrom(update, "network"))
		}
	})

	check(ana.Text("notes").Insert(0, "Hello world"))
	check(ben.Text("notes").Insert(5, ", dear"))
	check(ana.Text("notes").Delete(12, 5))
	check(ana.Text("notes").Insert(12, "reader"))

	fmt.Println(ana.Text("notes"))
	fmt.Println(ben.Text("notes"))
	// Output:
	// Hello, dear reader
	// Hello, dear reader
}

// A replica that was away asks for what it lacks: it sends its state vector and gets the
// difference.
func ExampleDoc_EncodeStateAsUpdate() {
	server, laptop := crdt.NewDoc(crdt.WithClientID(1)), crdt.NewDoc(crdt.WithClientID(2))
	check(server.Text("notes").Insert(0, "written before"))

	whole, err := server.EncodeStateAsUpdate(nil) // nil: everything
	check(err)
	check(laptop.ApplyUpdate(whole))

	check(server.Text("notes").Insert(14, ", and after"))
	check(laptop.Text("notes").Insert(0, "offline: "))

	missing, err := server.EncodeStateAsUpdate(laptop.EncodeStateVector())
	check(err)
	check(laptop.ApplyUpdate(missing))

	fmt.Println(laptop.Text("notes"))
	fmt.Println(len(missing) < len(whole))
	// Output:
	// offline: written before, and after
	// true
}

// A store keeps Updates as they come and joins them from time to time. No document is needed for
// that.
func ExampleMergeUpdates() {
	var log [][]byte
	doc := crdt.NewDoc(crdt.WithClientID(1))
	doc.OnUpdate(func(update []byte, _ any) { log = append(log, update) })
	for i, word := range []string{"one ", "two ", "three"} {
		check(doc.Text("notes").Insert(4*i, word))
	}

	merged, err := crdt.MergeUpdates(log...)
	check(err)
	vector, err := crdt.EncodeStateVectorFromUpdate(merged)
	check(err)
	clocks, err := crdt.ReadStateVector(vector)
	check(err)
	fmt.Println(len(log), "updates hold clocks up to", clocks[1])

	tail, err := crdt.DiffUpdate(merged, []byte{1, 1, 8}) // what a replica lacks that has clocks 0 to 7 of client 1
	check(err)
	parts, err := crdt.UpdateClients(tail)
	check(err)
	fmt.Println("the rest is", parts)
	// Output:
	// 3 updates hold clocks up to 13
	// the rest is [{1 8 13}]
}

// A relative position stays at its place while others edit: a cursor, or the start of a comment.
func ExampleText_RelativePosition() {
	doc := crdt.NewDoc(crdt.WithClientID(1))
	text := doc.Text("code")
	check(text.Insert(0, "return x"))

	cursor, err := text.RelativePosition(7, 0) // in front of the x
	check(err)
	sent, err := json.Marshal(cursor) // as Yjs puts it into awareness states
	check(err)
	fmt.Println(string(sent))

	check(text.Insert(0, "\tif ok {\n\t\t"))
	_, index, ok := doc.Resolve(cursor)
	fmt.Println(index, ok)
	// Output:
	// {"tname":"code","item":{"client":1,"clock":7},"assoc":0}
	// 18 true
}

// An observer is told of each transaction that changed its type, a local edit or an Update.
func ExampleMap_Observe() {
	doc := crdt.NewDoc(crdt.WithClientID(1))
	settings := doc.Map("settings")
	stop := settings.Observe(func(e crdt.Event) {
		for key, change := range e.Keys {
			fmt.Println(e.Path, key, change.Action, change.OldValue, "->", settings.Get(key))
		}
	})

	check(settings.Set("language", "Go"))
	doc.Transact("a person", func() { // one transaction, one call
		check(settings.Set("language", "C"))
		check(settings.Set("language", "Rust"))
	})
	stop()
	check(settings.Delete("language"))
	// Output:
	// [settings] language add <nil> -> Go
	// [settings] language update Go -> Rust
}

// Updates may come in any order. What lacks its causes waits, and is part of the state meanwhile.
func ExampleDoc_HasPending() {
	var log [][]byte
	author := crdt.NewDoc(crdt.WithClientID(1))
	author.OnUpdate(func(update []byte, _ any) { log = append(log, update) })
	check(author.Text("notes").Insert(0, "first"))
	check(author.Text("notes").Insert(5, ", second"))

	reader := crdt.NewDoc()
	check(reader.ApplyUpdate(log[1]))
	fmt.Printf("%q %v\n", reader.Text("notes"), reader.HasPending())
	check(reader.ApplyUpdate(log[0]))
	fmt.Printf("%q %v\n", reader.Text("notes"), reader.HasPending())
	// Output:
	// "" true
	// "first, second" false
}

// Bytes from outside may be anything. An Update that is refused changes nothing.
func ExampleDoc_ApplyUpdate() {
	doc := crdt.NewDoc()
	err := doc.ApplyUpdate([]byte{1, 1, 7, 0, 4, 1})
	var refused *crdt.DecodeError
	fmt.Println(errors.As(err, &refused), err)
	fmt.Println(doc.EncodeStateAsUpdate(nil))
	// Output:
	// true decode update: offset 6: expected a whole integer
	// [0 0] <nil>
}

// check ends an example that went wrong.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
