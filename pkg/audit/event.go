package audit

import (
	"context"
	"slices"
	"time"
)

// Kind is the kind of an event.
type Kind string

// Every kind of event.
const (
	Created       Kind = "created"
	Joined        Kind = "joined"  // became a participant
	Entered       Kind = "entered" // opened the first connection to the room
	Left          Kind = "left"    // closed the last connection
	Renamed       Kind = "renamed"
	RoleChanged   Kind = "role_changed"
	Admitted      Kind = "admitted"  // admitted from the lobby
	SentBack      Kind = "sent_back" // sent back to the lobby
	Removed       Kind = "removed"
	InviteRenewed Kind = "invite_renewed"
	Started       Kind = "started"
	Ended         Kind = "ended"
	Exported      Kind = "exported"
	Asked         Kind = "question_asked"
	Revealed      Kind = "part_revealed"
	Judged        Kind = "scorecard_submitted"
	Kept          Kind = "kept"      // how long the archive keeps it was changed; only in the log, as Deleted
	Forgotten     Kind = "forgotten" // who a participant was; only in the log, as Deleted
	Deleted       Kind = "deleted"   // only in the log: the store keeps nothing of a deleted session
	Expired       Kind = "expired"   // only in the log, as Deleted
)

// Kinds returns all kinds, in the order of events with the same time.
func Kinds() []Kind {
	return []Kind{
		Created, Joined, Entered, Left, Renamed, RoleChanged, Admitted, SentBack, Removed, InviteRenewed, Started, Ended, Exported, Asked, Revealed, Judged, Kept, Forgotten, Deleted, Expired,
	}
}

// Private reports whether only interviewers may know of events of the kind.
func (k Kind) Private() bool { return k == Judged }

// MaxPerKind limits the stored events of each kind and session. The newest events stay. An event
// has some 200 bytes, so a session with the maximum of all kinds has about 1.5 MB.
const MaxPerKind = 500

// Event is one event of a session.
type Event struct {
	Session string    `json:"-"`
	At      time.Time `json:"at"` // UTC, whole milliseconds
	Kind    Kind      `json:"event"`
	By      string    `json:"by,omitempty"`     // id of the acting participant; "" if unknown
	Name    string    `json:"name,omitempty"`   // name of By at that time
	About   string    `json:"about,omitempty"`  // id of the affected participant, if not By
	Detail  string    `json:"detail,omitempty"` // in words, such as "candidate to observer"
	From    string    `json:"from,omitempty"`   // client address
}

// Store stores events. All methods are safe for concurrent use.
type Store interface {
	// Record adds events. They are durable when Record returns. The newest MaxPerKind events of
	// each session and kind stay. Events of an unknown session are dropped, so they never bring a
	// session back.
	Record(ctx context.Context, events []Event) error

	// Events returns the stored events of a session, in the order of Sort. An unknown session has
	// no events.
	Events(ctx context.Context, session string) ([]Event, error)
}

// Sort orders events by time. Events with the same time are ordered by kind as in Kinds, and else
// keep their order.
func Sort(events []Event) {
	kinds := Kinds()
	slices.SortStableFunc(events, func(a, b Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
	})
}
