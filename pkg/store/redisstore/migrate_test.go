package redisstore_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/store/redistest"
)

// layout0 writes a document of layout 0 with some updates in the state and some in the log, and
// returns its text.
func layout0(t *testing.T, redis *redistest.Server, session, doc string, inState, inLog int) string {
	t.Helper()
	of := func(kind string) string { return "parley:{" + session + "}:" + kind + ":" + doc }
	redis.Do("DEL", of("head"), of("log"), of("state"))
	d := crdt.NewDoc(crdt.WithClientID(7))
	var updates [][]byte
	d.OnUpdate(func(update []byte, _ any) { updates = append(updates, update) })
	for i := range inState + inLog {
		if err := d.Text("file:main").Insert(i, string(rune('a'+i%26))); err != nil {
			t.Fatal(err)
		}
	}
	if inState > 0 {
		state, err := crdt.MergeUpdates(updates[:inState]...)
		if err != nil {
			t.Fatal(err)
		}
		redis.Do("SET", of("state"), string(state))
		redis.Do("HSET", of("head"), "s", fmt.Sprint(inState))
	}
	for i, update := range updates[inState:] {
		redis.Do("XADD", of("log"), fmt.Sprintf("0-%d", inState+i+1), "u", string(update))
	}
	if inLog == 0 { // a log from which a compaction has removed all entries
		redis.Do("XADD", of("log"), "0-1", "u", "x")
		redis.Do("XTRIM", of("log"), "MAXLEN", "0")
	}
	redis.Do("HSET", of("head"), "e", "an epoch", "n", fmt.Sprint(inState+inLog))
	ends := redis.Do("PEXPIRETIME", "parley:{"+session+"}:session")[0]
	for _, kind := range []string{"head", "log", "state"} {
		redis.Do("PEXPIREAT", of(kind), ends)
	}
	return d.Text("file:main").String()
}

// When several nodes open a document of an older layout at once, it is migrated once and keeps its
// content.
func TestADocumentOfAnOlderLayoutIsMigrated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ inState, inLog int }{{0, 5}, {20, 10}, {300, 0}} {
		t.Run(fmt.Sprintf("%d in the state, %d in the log", tc.inState, tc.inLog), func(t *testing.T) {
			t.Parallel()
			redis := redistest.Start(t, redistest.Options{})
			s := openSite(t, 3, redis.URL(), relay.Options{CompactEntries: 10})
			text := layout0(t, redis, s.room.Session, s.room.Doc, tc.inState, tc.inLog)
			var all sync.WaitGroup
			for i, store := range s.stores {
				all.Go(func() {
					if i == 2 { // a node that only appends migrates it too
						entry := relay.Entry{Update: []byte{0, 0}, At: time.Now(), By: "ada"}
						at := relay.Position{Epoch: binary.BigEndian.Uint64([]byte("an epoch")), Seq: uint64(tc.inState + tc.inLog - 1)}
						told := make(chan error, 1)
						store.Append(s.room, at, []relay.Entry{entry}, relay.Batched, func(end relay.Position, err error) {
							if err == nil && end.Seq != at.Seq+2 {
								err = fmt.Errorf("it ends at %+v", end)
							}
							told <- err
						})
						if err := <-told; err != nil {
							t.Errorf("append: %v", err)
						}
						return
					}
					if _, err := store.Since(t.Context(), s.room, relay.Position{}); err != nil {
						t.Errorf("load: %v", err)
					}
				})
			}
			all.Wait()
			if got := s.stored(); got != text {
				t.Fatalf("it holds %q, want %q", got, text)
			}
			s.seed = len(text)
			ada, bob := s.connect(0, "ada"), s.connect(1, "bob")
			for i := range 30 { // enough for compactions
				ada.Type(fmt.Sprint(i % 10))
				s.awaitText(i+1, ada, bob)
			}
			redistest.Eventually(t, "Redis does not hold what the clients do", func() error {
				if got := s.stored(); got != ada.Text() || !strings.HasPrefix(got, text) {
					return fmt.Errorf("it holds %q", got)
				}
				return nil
			})
			for _, key := range redis.Do("KEYS", "parley:{"+s.room.Session+"}:*") {
				if ttl := redis.Do("PTTL", key)[0]; strings.HasPrefix(ttl, "-") {
					t.Errorf("%s has no expiry", key)
				}
			}
			if v := redis.Do("HGET", "parley:{"+s.room.Session+"}:head:", "v"); v[0] != "1" {
				t.Errorf("its layout is %v", v)
			}
		})
	}
}
