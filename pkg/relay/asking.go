package relay

import (
	"slices"
	"time"

	"parley/pkg/protocol"
)

// How long structs wait for their causes before the room asks for the causes. The wait doubles with
// each question that brought nothing.
const (
	askFirst = 3 * time.Second
	askLast  = 5 * time.Minute
)

// asking is what a room knows of updates whose causes are missing. A message may be lost on its
// way, for instance in a proxy. The update after it then waits for it. The page believes that the
// server has all, so nobody would ever send the missing part again.
type asking struct {
	due  time.Time     // when to ask; zero: nothing waits
	wait time.Duration // how long it took until due
	of   []*conn       // who sent something since structs wait
}

// noteWaiting notes after an update of c whether structs wait for their causes.
func (r *Room) noteWaiting(c *conn, now time.Time) {
	if r.pendingBytes == 0 { // countPending has just looked
		if !r.asking.due.IsZero() {
			r.asking = asking{}
		}
		return
	}
	if r.asking.due.IsZero() {
		r.asking.wait = askFirst
		r.asking.due = now.Add(askFirst)
	}
	if !slices.Contains(r.asking.of, c) {
		r.asking.of = append(r.asking.of, c)
	}
}

// ask asks the connections that sent updates for what the document lacks: by step 1, which every
// client answers with all that it has.
func (r *Room) ask(now time.Time) {
	a := &r.asking
	if a.due.IsZero() || now.Before(a.due) {
		return
	}
	if r.doc.Size().Pending == 0 {
		*a = asking{}
		return
	}
	a.of = slices.DeleteFunc(a.of, func(c *conn) bool { return !slices.Contains(r.conns, c) })
	frame := protocol.AppendStep1(nil, r.doc.EncodeStateVector())
	for _, c := range a.of {
		c.out.pushFirst(frame)
	}
	a.wait = min(2*a.wait, askLast)
	a.due = now.Add(a.wait)
}
