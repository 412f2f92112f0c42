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

// MaxParticipants limits the participants of one session, so that a record stays at a few tens of
// KiB and is cheap to read.
const MaxParticipants = 200

// KeptPlaces are further places that only interviewers can take. The other links cannot lock them
// out.
const KeptPlaces = 20

// GoneFor is how long a deleted or expired session answers ErrGone before it answers ErrNotFound.
const GoneFor = 7 * 24 * time.Hour

// maxID is the longest id in characters. A generated id has 8, the name of an open room up to
// maxID.
const maxID = 64

// ID identifies a session: 8 lower-case hex characters, or with open access any name that ParseID
// accepts.
type ID string

// ParticipantID identifies a participant within the service: 16 lower-case hex characters.
type ParticipantID string

// Status is the stage of an interview.
type Status string

const (
	Waiting Status = "waiting" // in preparation; everyone but interviewers waits in the lobby
	Active  Status = "active"
	Ended   Status = "ended" // read-only until it expires
)

// Admission is how participants other than interviewers enter a started session.
type Admission string

const (
	AdmitAll Admission = "open" // at once
	// AdmitAsk lets each participant wait in the lobby until an interviewer admits them.
	AdmitAsk Admission = "ask"
)

// Participant is a person in a session.
type Participant struct {
	ID       ParticipantID `json:"id"`
	Name     string        `json:"name"`
	Role     access.Role   `json:"role"`
	Color    string        `json:"color"` // #rrggbb
	JoinedAt time.Time     `json:"joined_at"`

	// Waits means that the participant had to wait in the lobby when joining, and has not been
	// admitted since. It has no effect on interviewers.
	Waits bool `json:"waits,omitempty"`

	User UserID `json:"user,omitempty"` // "" is somebody who did not sign in
}

// MayEnter reports whether the participant may enter the room, and not only the lobby.
func (p Participant) MayEnter() bool { return p.Role.CanManage() || !p.Waits }

// Session is the record of one interview. Times are in UTC and whole milliseconds. Stores keep the
// record as JSON.
type Session struct {
	ID     ID     `json:"id"`
	Title  string `json:"title"`
	Status Status `json:"status"`
	// Creator is "" for a room of open access.
	Creator   ParticipantID `json:"creator,omitempty"`
	CreatedAt time.Time     `json:"created_at"`
	// UpdatedAt is the last change of this record. Edits of documents do not count.
	UpdatedAt time.Time `json:"updated_at"`
	// StartedAt is when the status became active.
	StartedAt    time.Time     `json:"started_at,omitzero"`
	EndedAt      time.Time     `json:"ended_at,omitzero"`
	ExpiresAt    time.Time     `json:"expires_at"`
	Admission    Admission     `json:"admission,omitempty"` // "" is AdmitAll
	Participants []Participant `json:"participants"`        // in the order of joining
	// Invites holds the hashes of the valid invite codes, and under access.ReplayLink that of the
	// replay link.
	Invites map[access.Role]access.Hash `json:"invites"`

	// Held means that an interviewer sent somebody back to the lobby. Until that is settled,
	// everybody who joins waits, because the same link would lead that person back in.
	Held bool `json:"held,omitempty"`

	// Barred lists the roles of people whom others removed. Until the link of each such role is
	// new, everybody who joins waits, because the old link would lead those people back in.
	Barred []access.Role `json:"barred,omitempty"`

	// Questions are the questions that were asked, the current one last.
	Questions []Asked `json:"questions,omitempty"`

	// Base is the scheme and host that the creator used, for links in webhooks. "" for a room of
	// open access.
	Base string `json:"base,omitempty"`

	// AdHoc marks a room that open access created for a new name. It leaves no tombstone when it
	// expires, so that the name can be used again at once.
	AdHoc bool `json:"ad_hoc,omitempty"`

	Record Record `json:"record,omitempty"` // "" is RecordAll
	Replay Replay `json:"replay,omitempty"` // "" is ReplayInterviewers
	Quiet  Quiet  `json:"quiet,omitzero"`

	// ReplayLink describes the link whose hash is Invites[access.ReplayLink].
	ReplayLink ReplayLink `json:"replay_link,omitzero"`

	// Owner is the signed-in user who made the session, or who claimed it later. "" is nobody.
	Owner UserID `json:"owner,omitempty"`
	// Users are the signed-in users who took part as interviewers, except those who were removed.
	Users []UserID `json:"users,omitempty"`
	Team  string   `json:"team,omitempty"` // the group with which the owner shares the session

	// ExternalID and Metadata belong to the service that made the session. Nothing here reads them.
	ExternalID string   `json:"external_id,omitempty"`
	Metadata   Metadata `json:"metadata,omitempty"`
	CallURL    string   `json:"call_url,omitempty"` // where people talk; http or https

	// RetentionDays is how many days after its end the archived interview is deleted. nil: as the
	// service says; 0: never. Hold keeps it from being deleted at all.
	RetentionDays *int     `json:"retention_days,omitempty"`
	Hold          bool     `json:"hold,omitempty"`
	Archived      Archived `json:"archived,omitzero"`

	// Revision counts the changes of this record in a store that nodes share. Of two copies of the
	// record, the one with the higher Revision is newer. It is 0 in other stores.
	Revision int64 `json:"-"`
}

// ParseID returns s as an ID if s matches [A-Za-z0-9_-]{1,64}, else ErrNotFound. Ids are checked
// before any store is asked.
func ParseID(s string) (ID, error) {
	if !ValidName(s) {
		return "", fmt.Errorf("%w: bad id", ErrNotFound)
	}
	return ID(s), nil
}

// ValidName reports whether s matches [A-Za-z0-9_-]{1,64}, the form of the names of sessions and
// their documents.
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

// Participant returns the participant with that id, or ErrNoParticipant.
func (s *Session) Participant(id ParticipantID) (Participant, error) {
	i, err := s.indexOf(id)
	if err != nil {
		return Participant{}, err
	}
	return s.Participants[i], nil
}

// Expired reports whether the session has expired at now.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// lobby reports whether a participant who joins now must wait.
func (s *Session) lobby() bool {
	return s.Status == Waiting || s.Admission == AdmitAsk || s.Held || len(s.Barred) > 0
}

// full reports whether there is no place for another participant in that role.
func (s *Session) full(role access.Role) bool {
	places := MaxParticipants
	if role.CanManage() {
		places += KeptPlaces
	}
	return len(s.Participants) >= places
}

// reached records when the session reached its status. The start also admits all waiting
// participants.
func (s *Session) reached(now time.Time) {
	switch s.Status {
	case Active:
		s.StartedAt, s.Held = now, false
		for i := range s.Participants {
			s.Participants[i].Waits = false
		}
	case Ended:
		s.EndedAt, s.Quiet = now, Quiet{}
	}
}

// Clone returns a copy that shares no memory with s.
func (s *Session) Clone() Session {
	c := *s
	c.Participants = slices.Clone(s.Participants)
	c.Invites = maps.Clone(s.Invites)
	c.Barred = slices.Clone(s.Barred)
	c.Users = slices.Clone(s.Users)
	c.Questions = slices.Clone(s.Questions)
	c.Metadata = slices.Clone(s.Metadata)
	return c
}

// roleOf returns the role of a code in this session. Every invite is compared, each in constant
// time.
func (s *Session) roleOf(code access.Code) (access.Role, bool) {
	hash, found := code.Hash(), access.Role("")
	for role, h := range s.Invites {
		if h.Equal(hash) && role != access.ReplayLink {
			found = role
		}
	}
	return found, found != ""
}

// mayBecome reports whether the status may change to next. Statuses only move forward.
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
