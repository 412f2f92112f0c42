package trace

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Kind is the kind of an event.
type Kind string

// Every kind of event.
const (
	Join  Kind = "join"  // opened the first connection to the room
	Leave Kind = "leave" // closed the last connection
	File  Kind = "file"  // looks at File around Line

	Active Kind = "active" // as the page says
	Idle   Kind = "idle"
	Away   Kind = "away" // the page has been out of sight since Since
	Back   Kind = "back" // after Away

	Lobby    Kind = "lobby" // About was admitted (In) or sent back
	Start    Kind = "start"
	End      Kind = "end"
	Role     Kind = "role"     // About got Role
	Language Kind = "language" // File got Language
	Mark     Kind = "mark"     // an interviewer's own mark; private
	Quiet    Kind = "quiet"    // a quiet time until Until, or its end
)

// Kinds returns all kinds, in the order of events with the same time.
func Kinds() []Kind {
	return []Kind{Start, Lobby, Join, Role, Language, File, Active, Back, Idle, Away, Mark, Quiet, Leave, End}
}

// OfPresence reports whether events of the kind say where a participant was and when.
func (k Kind) OfPresence() bool {
	switch k {
	case Join, Leave, File, Active, Idle, Away, Back, Lobby:
		return true
	}
	return false
}

// Private reports whether events of the kind are for interviewers only.
func (k Kind) Private() bool { return k == Mark }

// Event is one event of a session. Fields that the kind does not need are empty.
type Event struct {
	Session string
	At      time.Time // UTC, whole milliseconds
	By      string    // id of the participant; "" if unknown
	Kind    Kind

	File     string
	Line     int // from 1
	Since    time.Time
	About    string // id of the participant that it is about
	In       bool
	Role     string
	Language string
	Text     string
	Until    time.Time // zero: the quiet time ended early
}

// stored is an Event as JSON, in the form of a line of a timeline.
type stored struct {
	T        int64  `json:"t"`
	By       string `json:"by"`
	K        string `json:"k"`
	What     Kind   `json:"what"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Since    int64  `json:"since,omitempty"`
	About    string `json:"about,omitempty"`
	In       *bool  `json:"in,omitempty"`
	Role     string `json:"role,omitempty"`
	Language string `json:"language,omitempty"`
	Text     string `json:"text,omitempty"`
	Until    *int64 `json:"until,omitempty"`
}

// MarshalJSON returns the event as a line of a timeline, without its session.
func (e Event) MarshalJSON() ([]byte, error) {
	s := stored{
		T: millis(e.At), By: e.By, K: "trace", What: e.Kind, File: e.File, Line: e.Line, Since: millis(e.Since),
		About: e.About, Role: e.Role, Language: e.Language, Text: e.Text,
	}
	if e.Kind == Lobby {
		s.In = &e.In
	}
	if e.Kind == Quiet {
		until := millis(e.Until)
		s.Until = &until
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*e = Event{
		Session: e.Session, At: fromMillis(s.T), By: s.By, Kind: s.What, File: s.File, Line: s.Line, Since: fromMillis(s.Since),
		About: s.About, In: s.In != nil && *s.In, Role: s.Role, Language: s.Language, Text: s.Text,
	}
	if s.Until != nil {
		e.Until = fromMillis(*s.Until)
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Bounds of what is stored of a session. An event has some 80 bytes and at most 1 KiB.
const (
	// MaxPerLane is the number of events of a lane that stay, the newest ones. It is more than an
	// hour of one sample a second.
	MaxPerLane = 5000
	// MaxLanes is the number of lanes from which on further participants share SharedLane.
	MaxLanes   = 64
	SharedLane = "others" // SharedLane is the lane of those without a lane of their own
)

// OfPerson reports whether the event is in the lane of its participant.
func (e Event) OfPerson() bool { return e.Kind.OfPresence() && e.Kind != Lobby }

// Lane returns the lane of the event: its kind, or its participant for an event of presence.
func (e Event) Lane() string {
	if e.OfPerson() {
		return "p:" + e.By
	}
	return "k:" + string(e.Kind)
}

// Store stores events. All methods are safe for concurrent use.
type Store interface {
	// RecordTrace adds what Nodes.Settle makes of the events of this node. They are durable when
	// RecordTrace returns. Of each lane the newest MaxPerLane stay. Events of an unknown session
	// are dropped, so they never bring a session back.
	RecordTrace(ctx context.Context, events []Event) error

	// Trace returns the stored events of a session, in the order of Sort. An unknown session has no
	// events.
	Trace(ctx context.Context, session string) ([]Event, error)
}

// Sort orders events by time, and events with the same time by kind as in Kinds.
func Sort(events []Event) {
	kinds := Kinds()
	slices.SortStableFunc(events, func(a, b Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
	})
}
