package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	"parley/crdt"
	"parley/pkg/relay"
)

// Typing returns n entries of three people who type and delete in one text. Each has what the
// others wrote. The entries are the same each time, and fewer are the beginning of more.
func Typing(n int) []relay.Entry {
	var docs []*crdt.Doc
	for p := range uint64(3) {
		docs = append(docs, crdt.NewDoc(crdt.WithClientID(1+p)))
	}
	rng := rand.New(rand.NewPCG(7, 8))
	entries := make([]relay.Entry, 0, n)
	for i := range n {
		p := i / 7 % len(docs)
		update := press(docs[p], rng)
		for other, doc := range docs {
			if other != p {
				mustDo(doc.ApplyUpdate(update))
			}
		}
		at := time.UnixMilli(1_796_000_000_000 + int64(i)*100).UTC()
		entries = append(entries, relay.Entry{Update: update, At: at, By: fmt.Sprint("p", p)})
	}
	return entries
}

// press inserts some characters or deletes one, and returns the Update.
func press(doc *crdt.Doc, rng *rand.Rand) (update []byte) {
	stop := doc.OnUpdate(func(u []byte, _ any) { update = bytes.Clone(u) })
	defer stop()
	text := doc.Text("file:main")
	if text.Len() > 0 && rng.IntN(5) == 0 {
		mustDo(text.Delete(rng.IntN(text.Len()), 1))
		return update
	}
	mustDo(text.Insert(rng.IntN(text.Len()+1), fmt.Sprintf("%x", rng.Uint64N(1<<40))))
	return update
}

func mustDo(err error) {
	if err != nil {
		panic(err) // our own edits apply
	}
}

// CheckPast returns an error unless past, followed to its end, is these entries: each of them once,
// folded into the base or as it was, and together the document byte for byte.
func CheckPast(past relay.Past, want []relay.Entry) error {
	if past.More || past.Next != uint64(len(want)) || past.Reached+uint64(len(past.Entries)) != past.Next {
		return fmt.Errorf("a base through %d and %d entries through %d, more: %v; want %d in all", past.Reached, len(past.Entries), past.Next, past.More, len(want))
	}
	var updates [][]byte
	for i, e := range past.Entries {
		w := want[int(past.Reached)+i]
		if !bytes.Equal(e.Update, w.Update) || !e.At.Equal(w.At) || e.By != w.By {
			return fmt.Errorf("entry %d is another one", int(past.Reached)+i+1)
		}
		updates = append(updates, e.Update)
	}
	if n := past.Reached; n > 0 && !past.BaseAt.Equal(want[n-1].At) {
		return fmt.Errorf("the base is of %v, want %v", past.BaseAt, want[n-1].At)
	}
	got, err := relay.Fold(past.Base, updates)
	if err != nil {
		return err
	}
	updates = nil
	for _, e := range want {
		updates = append(updates, e.Update)
	}
	state, err := relay.Fold(nil, updates)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, state) {
		return fmt.Errorf("base and updates give a document of %d bytes, want another one of %d", len(got), len(state))
	}
	return nil
}
