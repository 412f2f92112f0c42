package session

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/pkg/access"
)

// MaxParticipants bounds the people of one session: a record stays a few tens of KiB, and reading it stays cheap.
const MaxParticipants = 200

// GoneFor is how long a deleted or expired session answers ErrGone before it is ErrNotFound.
const GoneFor = 7 * 24 * time.Hour

// maxID is the longest id in characters; made ones have 8, names of open rooms up to this.
const maxID = 64

// ID names a session: 8 lower-case hex characters, or with open access any name of ParseID.
type ID string

// ParticipantID names a participant within the service: 16 lower-case hex characters.
type ParticipantID string

// Status is where an interview stands.
type Status string

const (
	Waiting Status = "waiting" // being prepared; others than interviewers wait in the lobby
	Active  Status = "active"
	Ended   Status = "ended" // read-only until it expires
)

// Admission says how others than interviewers get into a session that has started.
type Admission string

const (
	AdmitAll Admission = "open" // at once
	AdmitAsk Admission = "ask"  // each waits in the lobby until an interviewer admits them
)

// Participant is a person in a session.
type Participant struct {
	ID       ParticipantID `json:"id"`
	Name     string        `json:"name"`
	Role     access.Role   `json:"role"`
	Color    string        `json:"color"` // #rrggbb
	JoinedAt time.Time     `json:"joined_at"`

	// Waits says that the participant joined when the way in was not open and nobody has admitted them since.
	// It stays without effect for whoever is an interviewer.
	Waits bool `json:"waits,omitempty"`
}

// MayEnter reports whether the participant may be in the room, and not in the lobby alone.
func (p Participant) MayEnter() bool { return p.Role.CanManage() || !p.Waits }

// Session is the record of one interview. Times are UTC, whole milliseconds. Stores keep it as its JSON.
type Session struct {
	ID           ID                          `json:"id"`
	Title        string                      `json:"title"`
	Status       Status                      `json:"status"`
	Creator      ParticipantID               `json:"creator,omitempty"` // "" for a room that came by its name
	CreatedAt    time.Time                   `json:"created_at"`
	UpdatedAt    time.Time                   `json:"updated_at"`          // of this record, not of the documents
	StartedAt    time.Time                   `json:"started_at,omitzero"` // when it became active
	EndedAt      time.Time                   `json:"ended_at,omitzero"`
	ExpiresAt    time.Time                   `json:"expires_at"`
	Admission    Admission                   `json:"admission,omitempty"` // "" is AdmitAll
	Participants []Participant               `json:"participants"`        // in the order of joining
	Invites      map[access.Role]access.Hash `json:"invites"`             // the codes that are valid now

	// AdHoc marks a room that open access made when somebody connected to its name. It leaves no trace
	// when it expires, so that the name can be used again at once.
	AdHoc bool `json:"ad_hoc,omitempty"`

	// Revision counts the changes of this record in a store that nodes share, so that of two that were read the newer is known. 0 in
	// other stores.
	Revision int64 `json:"-"`
}

// ParseID gives s as an ID when it is spelled like one, [A-Za-z0-9_-]{1,64}, and ErrNotFound otherwise: ids
// are checked before any store is asked.
func ParseID(s string) (ID, error) {
	if !ValidName(s) {
		return "", fmt.Errorf("%w: bad id", ErrNotFound)
	}
	return ID(s), nil
}

// ValidName reports whether s is [A-Za-z0-9_-]{1,64}: what a session or one of its documents may be called.
func ValidName(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// Participant gives the participant of that id, or ErrNoParticipant.
func (s *Session) Participant(id ParticipantID) (Participant, error) {
	i, err := s.indexOf(id)
	if err != nil {
		return Participant{}, err
	}
	return s.Participants[i], nil
}

// Expired reports whether the session's time is over at now.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// lobby reports whether somebody who joins now waits.
func (s *Session) lobby() bool { return s.Status == Waiting || s.Admission == AdmitAsk }

// reached notes when the session came to its status. Whoever waits for the start comes in with it.
func (s *Session) reached(now time.Time) {
	switch s.Status {
	case Active:
		s.StartedAt = now
		for i := range s.Participants {
			s.Participants[i].Waits = false
		}
	case Ended:
		s.EndedAt = now
	}
}

// Clone gives a copy that shares nothing with s.
func (s *Session) Clone() Session {
	c := *s
	c.Participants = slices.Clone(s.Participants)
	c.Invites = maps.Clone(s.Invites)
	return c
}

// roleOf gives the role that a code opens in this session. Every invite is compared, each in constant time.
func (s *Session) roleOf(code access.Code) (access.Role, bool) {
	hash, found := code.Hash(), access.Role("")
	for role, h := range s.Invites {
		if h.Equal(hash) {
			found = role
		}
	}
	return found, found != ""
}

// mayBecome says which changes of status there are: forwards only.
func (s Status) mayBecome(next Status) bool {
	switch s {
	case Waiting:
		return next == Active || next == Ended
	case Active:
		return next == Ended
	}
	return false
}

func newID() ID { return ID(randomHex(4)) }

func newParticipantID() ParticipantID { return ParticipantID(randomHex(8)) }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}
