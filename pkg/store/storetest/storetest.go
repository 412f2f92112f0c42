// Package storetest is the conformance suite of the stores. It tests what packages relay and
// session and the program rely on. The tests of a backend call Run, and RunNodes when several nodes
// can share the backend.
//
// Every test gets a fresh Backend of its own. Appends are tested with both urgencies, so the suite
// covers the path that production takes: batched appends, Flush, and the refusal after the end of a
// session.
//
//	storetest.go  the list of tests, helpers
//	documents.go  documents: append, read, compact
//	past.go       what was recorded of a document, and the trace of a session
//	log.go        what relay.Log promises beyond that
//	owners.go     the owners of client ids
//	nodes.go      what relay.Bus and shared logs promise
//	sessions.go   sessions: records, invites, deletion, expiry
//	shelves.go    sessions: the lists of users, teams and external ids, searches
//	audit.go      audit events, the list of sessions
//	signouts.go   who has signed out everywhere
//	questions.go  the copies of questions
package storetest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/signin"
	"parley/pkg/trace"
)

// Store is everything that a backend implements.
type Store interface {
	relay.Log
	session.Store
	session.Sweeper
	session.Lister
	session.Browser
	relay.Historian
	audit.Store
	trace.Store
	signin.Store
	session.Copies
	session.Papers

	// Secret returns the token key of the service. When there is none yet, it stores the one that
	// create returns.
	Secret(ctx context.Context, create func() []byte) ([]byte, error)
	// Ping reports whether the store can serve.
	Ping(ctx context.Context) error
	// Close ends the use of the store. Everything that was answered before is durable.
	Close() error
}

// Backend is one place where data is kept. It is empty at first.
type Backend interface {
	// Open opens a Store over the data. The caller closes it before it opens another one.
	Open(t *testing.T) Store
	// OpenFolding is Open with another function in the place of Fold.
	OpenFolding(t *testing.T, fold func(base []byte, updates [][]byte) ([]byte, error)) Store
	// Walk calls visit for everything that is kept. No Store is open meanwhile.
	Walk(t *testing.T, visit func(key, value []byte))
}

// Run runs the suite. fresh makes a new, empty Backend whose stores keep at most historyBytes of
// history for each document, and fold by Fold.
func Run(t *testing.T, historyBytes int, fresh func(t *testing.T) Backend) {
	suite := []struct {
		name string
		test func(*testing.T, Backend)
	}{
		{"documents: what was appended is loaded in order", testAppendLoad},
		{"documents: unknown session", testUnknownSession},
		{"documents: sessions and documents are apart", testIsolation},
		{"documents: large values", testLarge},
		{"documents: reopening keeps everything", testReopen},
		{"documents: appends of many at once get numbers without gaps", testConcurrentAppend},
		{"documents: ended context", testContext},
		{"documents: what is after a position", testSince},
		{"documents: an append beyond the log's end is refused", testBeyond},
		{"documents: batched appends are written together, or when they are flushed", testBatched},
		{"documents: a session that has ended takes no more", testEnded},
		{"documents: an append that the end overtakes", testEndedWhileHeld},
		{"documents: positions are compared", testCheckOne},
		{"documents: what cannot be applied is put aside, and goes with its session", testSetAside},
		{"owners: a client id keeps its first owner", testOwners},
		{"owners: of each participant the newest ids stay", testOwnersBound},
		{"compact: state and the rest of the log", testCompact},
		{"compact: the slower of two changes nothing", testCompactStale},
		{"compact: racing appends lose nothing", testCompactRace},
		{"past: notes and sessions that are not recorded have no history", testNoHistory},
		{"past: unknown session", testPastUnknown},
		{"trace: events are kept in order", testTrace},
		{"trace: of each lane the newest stay", testTraceBound},
		{"trace: lanes are bounded", testTraceLanes},
		{"sessions: record survives as it is", testRecord},
		{"sessions: create with seed is one step", testSeed},
		{"sessions: one of many creators wins", testCreateRace},
		{"sessions: update", testUpdate},
		{"sessions: updates of many at once all count", testUpdateRace},
		{"sessions: invites follow the record", testInvites},
		{"sessions: list by pages", testList},
		{"shelves: a session is on those of its record", testShelves},
		{"shelves: pages begin with the newest", testShelfPages},
		{"shelves: search", testShelfSearch},
		{"shelves: changes of many at once all show", testShelfRace},
		{"shelves: nothing is left", testShelvesLeave},
		{"questions: a copy goes with its session", testQuestions},
		{"papers: a paper changes as it was read, and goes with its session", testPapers},
		{"papers: of many at once one wins", testPaperRace},
		{"audit: events are kept in order", testAudit},
		{"audit: of each kind the newest stay", testAuditBound},
		{"delete: nothing is left", testDelete},
		{"delete: an append never brings a session back", testAppendAfterDelete},
		{"delete: an ad hoc room's name is free again", testAdHoc},
		{"expire: gone for a week, then unknown", testExpire},
		{"expire: many at once", testExpireMany},
		{"expire: what is kept", testExpireKeeps},
		{"secret: made once", testSecret},
		{"sign-out: the latest counts", testSignOut},
		{"sign-out: of many at once the latest counts", testSignOutRace},
		{"sign-out: nothing is kept for ever", testSignOutOver},
		{"close: everything is refused", testClosed},
	}
	for _, tc := range suite {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.test(t, fresh(t))
		})
	}
	for name, test := range map[string]func(*testing.T, Backend, int){
		"past: what does not fit is folded": testHistoryBound, "past: folding races with readers": testFoldRace,
		"past: what expands is folded in pieces": testFoldInPieces,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t), historyBytes)
		})
	}
}

// epoch is the current time of the suite, in whole milliseconds and UTC. It lies a day ahead, so
// that a backend with a clock of its own takes nothing for expired.
var epoch = time.Now().Add(24 * time.Hour).Truncate(time.Millisecond).UTC()

// record is a session as session.Service would make it.
func record(id session.ID) session.Session {
	people := []session.Participant{
		{ID: "p-" + session.ParticipantID(id), Name: "Ada ✓", Role: access.Interviewer, Color: "#4f8ff7", JoinedAt: epoch},
	}
	return session.Session{
		ID: id, Title: "Interview <" + string(id) + ">", Status: session.Active, Creator: people[0].ID,
		CreatedAt: epoch, UpdatedAt: epoch, ExpiresAt: epoch.Add(time.Hour), Participants: people,
		Invites: map[access.Role]access.Hash{
			access.Interviewer: access.NewCode().Hash(),
			access.Candidate:   access.NewCode().Hash(),
			access.Observer:    access.NewCode().Hash(),
		},
	}
}

// mustCreate stores a session with that id and returns it.
func mustCreate(t *testing.T, s Store, id session.ID, seed []byte) session.Session {
	t.Helper()
	sess := record(id)
	if err := s.Create(t.Context(), sess, seed); err != nil {
		t.Fatalf("Create(%s): %v", id, err)
	}
	return sess
}

// entry makes entry n of a document. text tells it apart from others.
func entry(text string, n int) relay.Entry {
	return relay.Entry{
		Update: fmt.Appendf(nil, "%s %d", text, n), At: epoch.Add(time.Duration(n) * time.Millisecond), By: fmt.Sprintf("p%d", n%3),
	}
}

func entries(text string, from, to int) (out []relay.Entry) {
	for n := from; n < to; n++ {
		out = append(out, entry(text, n))
	}
	return out
}

// appendAt appends after at and waits for the answer.
func appendAt(log relay.Log, id relay.RoomID, at relay.Position, urgency relay.Urgency, es ...relay.Entry) (relay.Position, error) {
	type result struct {
		at  relay.Position
		err error
	}
	told := make(chan result, 1)
	log.Append(id, at, es, urgency, func(at relay.Position, err error) { told <- result{at, err} })
	r := <-told
	return r.at, r.err
}

// appendEnd appends at the end of a log and waits for the answer.
func appendEnd(ctx context.Context, log relay.Log, id relay.RoomID, es ...relay.Entry) (relay.Position, error) {
	for {
		stored, err := log.Since(ctx, id, relay.Position{})
		if err != nil {
			return relay.Position{}, err
		}
		end, err := appendAt(log, id, stored.At, relay.Prompt, es...)
		if !errors.Is(err, relay.ErrStale) { // ErrStale: another writer has begun the log meanwhile
			return end, err
		}
	}
}

func mustAppend(t *testing.T, log relay.Log, id relay.RoomID, es ...relay.Entry) relay.Position {
	t.Helper()
	end, err := appendEnd(t.Context(), log, id, es...)
	if err != nil {
		t.Fatalf("append to %s: %v", id, err)
	}
	return end
}

// at returns end with another number.
func at(end relay.Position, seq uint64) relay.Position {
	end.Seq = seq
	return end
}

func mustSince(t *testing.T, log relay.Log, id relay.RoomID, after relay.Position) relay.Stored {
	t.Helper()
	stored, err := log.Since(t.Context(), id, after)
	if err != nil {
		t.Fatalf("Since(%s, %+v): %v", id, after, err)
	}
	return stored
}

// mustLoad returns all that is stored of a document.
func mustLoad(t *testing.T, log relay.Log, id relay.RoomID) relay.Stored {
	t.Helper()
	return mustSince(t, log, id, relay.Position{})
}

func mustCompact(t *testing.T, log relay.Log, id relay.RoomID, state string, at relay.Position) {
	t.Helper()
	if err := log.Compact(t.Context(), id, []byte(state), at); err != nil {
		t.Fatalf("Compact(%s) at %+v: %v", id, at, err)
	}
}

// mustPast reads what was recorded of a document in parts of size bytes, from its base on.
func mustPast(t *testing.T, s Store, id relay.RoomID, size int) (first relay.Past) {
	t.Helper()
	for after, begun := uint64(0), false; ; begun = true {
		part, err := s.Past(t.Context(), id, after, size)
		if err != nil {
			t.Fatalf("Past(%s, %d): %v", id, after, err)
		}
		if !begun {
			first.Base, first.BaseAt, first.Reached = part.Base, part.BaseAt, part.Reached
		} else if part.Base != nil {
			t.Fatalf("Past(%s, %d): a base in the middle", id, after)
		}
		first.Entries, first.Next = append(first.Entries, part.Entries...), part.Next
		if !part.More {
			return first
		}
		if part.Next <= after {
			t.Fatalf("Past(%s, %d) goes on at %d", id, after, part.Next)
		}
		after = part.Next
	}
}

// samePast fails the test unless want is everything that was recorded, whatever the size of parts.
func samePast(t *testing.T, s Store, id relay.RoomID, want []relay.Entry) {
	t.Helper()
	for _, size := range []int{1, 64, 1 << 20} {
		got := mustPast(t, s, id, size)
		if got.Base != nil {
			t.Fatalf("%s has a base of %d bytes", id, len(got.Base))
		}
		sameEntries(t, fmt.Sprintf("past of %s in parts of %d bytes", id, size), got.Entries, want)
	}
}

// Fold writes updates one after the other, each after its length, so that tests see what was
// folded.
func Fold(base []byte, updates [][]byte) ([]byte, error) {
	for _, u := range updates {
		base = binary.AppendUvarint(base, uint64(len(u)))
		base = append(base, u...)
	}
	return base, nil
}

// unfold returns the updates in a base.
func unfold(t *testing.T, base []byte) (updates [][]byte) {
	t.Helper()
	for len(base) > 0 {
		size, n := binary.Uvarint(base)
		if n <= 0 || size > uint64(len(base)-n) {
			t.Fatalf("a base of %d bytes is not what Fold wrote", len(base))
		}
		updates, base = append(updates, base[n:n+int(size)]), base[n+int(size):]
	}
	return updates
}

// sameEntries fails the test unless got is want, entry by entry.
func sameEntries(t *testing.T, what string, got, want []relay.Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d entries, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Update, want[i].Update) || !got[i].At.Equal(want[i].At) || got[i].By != want[i].By {
			t.Fatalf("%s: entry %d is %q at %v by %q, want %q at %v by %q", what, i,
				got[i].Update, got[i].At, got[i].By, want[i].Update, want[i].At, want[i].By)
		}
	}
}
