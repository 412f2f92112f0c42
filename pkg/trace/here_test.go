package trace_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/pkg/trace"
)

// nodes is what the nodes of a test have noted, with a clock in seconds.
type nodes struct {
	kept []byte
	dead map[string]time.Time
}

func second(n int) time.Time { return time.Unix(1_796_000_000+int64(n), 0).UTC() }

// note has a node note an event of ada, and returns the events of the session as text.
func (n *nodes) note(t *testing.T, at int, node string, kind trace.Kind) []trace.Event {
	t.Helper()
	e := trace.Event{Session: "s", By: "ada", Kind: kind, At: second(at)}
	if kind == trace.Away {
		e.Since = second(at - 5)
	}
	events := []trace.Event{e}
	if kind == "" {
		events = nil
	}
	all := trace.Nodes{Self: node, Now: second(at), Sign: func(node string) (time.Time, bool) {
		at, dead := n.dead[node]
		return at, !dead
	}}
	out, keep, err := all.Settle("s", n.kept, events)
	if err != nil {
		t.Fatal(err)
	}
	n.kept = keep
	return out
}

func TestSettle(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, noted, want string }{
		{"one node", "0 A join, 1 A active, 9 A away, 12 A back, 13 A idle, 20 A leave", "0 join, 1 active, 9 away since 4, 12 back, 13 idle, 20 leave"},
		{"two nodes join once", "0 A join, 1 B join", "0 join"},
		{"who is still on another node has not left", "0 A join, 1 B join, 2 A leave, 3 B leave", "0 join, 3 leave"},
		{"a second time", "0 A join, 0 A join, 9 A away, 9 A away, 10 A back, 10 A back, 11 A leave, 11 A leave", "0 join, 9 away since 4, 10 back, 11 leave"},
		{"a page in the background while the other is used", "0 A join, 1 B join, 2 B active, 9 A away, 10 B idle", "0 join, 2 active, 10 idle"},
		{"both pages out of sight", "0 A join, 1 B join, 9 A away, 20 B away, 30 A back", "0 join, 20 away since 15, 30 back"},
		{"the page in sight is closed", "0 A join, 1 B join, 9 A away, 20 B leave, 21 A back", "0 join, 20 away since 20, 21 back"},
		{"another page is opened", "0 A join, 9 A away, 20 B join", "0 join, 9 away since 4, 20 back"},
		{"the most active page counts", "0 A join, 1 A active, 2 B join, 3 B idle, 4 A idle, 5 B active", "0 join, 1 active, 4 idle, 5 active"},
		{"the active page is closed", "0 A join, 1 A idle, 2 B join, 3 B active, 4 B leave", "0 join, 1 idle, 3 active, 4 idle"},
		{"soon on another node after a death", "0 A join, 1 A active, 50 A dies, 60 B join, 61 B active, 70 B leave", "0 join, 1 active, 70 leave"},
		{"long after a death", "0 A join, 50 A dies, 90 B join, 95 B leave", "0 join, 50 leave, 90 join, 95 leave"},
		{"still on another node at a death", "0 A join, 1 B join, 50 A dies, 90 B active, 95 B leave", "0 join, 90 active, 95 leave"},
		{"a node that was taken for dead", "0 A join, 50 A dies, 90 B join, 91 A lives, 92 A active, 95 B leave, 96 A leave", "0 join, 50 leave, 90 join, 92 active, 96 leave"},
		{"nobody comes back after a death", "0 A join, 50 A dies, 70 B looks, 81 B looks, 90 B looks", "0 join, 50 leave"},
		{"gone from another node after a death", "0 A join, 1 B join, 50 A dies, 60 B leave", "0 join, 60 leave"},
		{"gone before a death was noticed", "0 A join, 1 B join, 60 B leave, 50 A dies, 65 C looks", "0 join, 60 leave"},
		{"gone from another node before a death", "0 A join, 1 B join, 40 B leave, 50 A dies, 65 C looks, 95 C looks", "0 join, 50 leave"},
		{"a leave without a join", "0 A leave, 1 B leave", ""},
		{"a join that was lost", "5 A active, 6 A leave", "5 join, 5 active, 6 leave"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n := nodes{dead: map[string]time.Time{}}
			var got []string
			for noted := range strings.SplitSeq(tc.noted, ", ") {
				var at int
				var node, kind string
				if _, err := fmt.Sscan(noted, &at, &node, &kind); err != nil {
					t.Fatal(err)
				}
				switch kind {
				case "looks":
					kind = ""
				case "dies":
					n.dead[node] = second(at)
					continue
				case "lives":
					delete(n.dead, node)
					continue
				}
				for _, e := range n.note(t, at, node, trace.Kind(kind)) {
					text := fmt.Sprintf("%d %s", e.At.Unix()-second(0).Unix(), e.Kind)
					if e.Kind == trace.Away {
						text += fmt.Sprintf(" since %d", e.Since.Unix()-second(0).Unix())
					}
					got = append(got, text)
				}
			}
			if got := strings.Join(got, ", "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// Whatever three nodes note, stretches of presence alternate with absence, and the last event says
// whether somebody is there.
func TestSettleAlternates(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		n, on := nodes{}, map[string]bool{}
		here, away := false, false
		kinds := []trace.Kind{trace.Active, trace.Idle, trace.Away, trace.Back}
		for at := range 200 {
			node, kind := string(rune('A'+r.IntN(3))), kinds[r.IntN(len(kinds))]
			if !on[node] || r.IntN(4) == 0 {
				if kind = trace.Join; on[node] {
					kind = trace.Leave
				}
				on[node] = !on[node]
			}
			for _, e := range n.note(t, at, node, kind) {
				wrong := here == (e.Kind == trace.Join)
				switch e.Kind {
				case trace.Join, trace.Leave:
					here, away = e.Kind == trace.Join, false
				case trace.Away, trace.Back:
					wrong = wrong || away == (e.Kind == trace.Away)
					away = e.Kind == trace.Away
				default:
					wrong = wrong || away
				}
				if wrong {
					t.Fatalf("seed %d: %s at %d", seed, e.Kind, at)
				}
			}
			if here != (on["A"] || on["B"] || on["C"]) {
				t.Fatalf("seed %d: at %d here is %v, on %v", seed, at, here, on)
			}
		}
	}
}

// The record of who is here is data of a store, and may be damaged.
func FuzzSettle(f *testing.F) {
	for _, s := range []string{"", "{", `{"ada":null}`, `{"ada":{"nodes":{"A":null,"B":{"since":-1}}}}`, `{"ada":{"nodes":{"B":null}}}`, `{"ada":{"nodes":null,"away":true}}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, kept []byte) {
		n := nodes{kept: kept}
		n.note(t, 1, "A", trace.Join)
		n.note(t, 2, "A", trace.Away)
		if got := n.note(t, 3, "A", trace.Leave); len(got) > 2 {
			t.Errorf("a leave became %+v", got)
		}
	})
}
