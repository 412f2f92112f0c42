package audit

import (
	"context"
	"slices"
	"time"
)

// Kind says what happened.
type Kind string

// Every kind of event.
const (
	Created       Kind = "created"
	Joined        Kind = "joined"  // became a participant
	Entered       Kind = "entered" // opened a first connection to the room
	Left          Kind = "left"    // the last connection ended
	Renamed       Kind = "renamed"
	RoleChanged   Kind = "role_changed"
	Admitted      Kind = "admitted"  // let in from the lobby
	SentBack      Kind = "sent_back" // into the lobby
	Removed       Kind = "removed"
	InviteRenewed Kind = "invite_renewed"
	Started       Kind = "started"
	Ended         Kind = "ended"
	Exported      Kind = "exported"
	Deleted       Kind = "deleted" // in the log alone: the store keeps nothing of a session that is deleted
	Expired       Kind = "expired" // likewise
)

// Kinds lists all kinds, in the order in which events of one moment are told.
func Kinds() []Kind {
	return []Kind{
		Created, Joined, Entered, Left, Renamed, RoleChanged, Admitted, SentBack, Removed, InviteRenewed, Started, Ended, Exported, Deleted, Expired,
	}
}

// MaxPerKind bounds the events of one kind that a session keeps; the newest stay. Some 200 bytes each: with all
// kinds a few hundred KiB at the very most.
const MaxPerKind = 500

// Event is one thing that happened in a session.
type Event struct {
	Session string    `json:"-"`
	At      time.Time `json:"at"` // UTC, whole milliseconds
	Kind    Kind      `json:"event"`
	By      string    `json:"by,omitempty"`     // id of the participant who did it; "" when nobody is known
	Name    string    `json:"name,omitempty"`   // of By, at the time
	About   string    `json:"about,omitempty"`  // id of the participant it was done to, when another
	Detail  string    `json:"detail,omitempty"` // in words, as "candidate to observer"
	From    string    `json:"from,omitempty"`   // address
}

// Store keeps events. All methods are safe for concurrent use.
type Store interface {
	// Record adds events, durable when it returns. Of each session and kind the newest MaxPerKind stay. Events of a session
	// that is not held are left out: they never bring it back.
	Record(ctx context.Context, events []Event) error

	// Events gives what is kept of a session, ordered by Sort; none when it is not held.
	Events(ctx context.Context, session string) ([]Event, error)
}

// Sort orders events by time, those of one moment by kind as Kinds has it; otherwise they stay as they are.
func Sort(events []Event) {
	kinds := Kinds()
	slices.SortStableFunc(events, func(a, b Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
	})
}
