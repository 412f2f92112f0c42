package archive

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"parley/pkg/access"
	"parley/pkg/session"
)

// SidecarVersion is the version of the form of a sidecar. Readers refuse a higher one.
const SidecarVersion = 1

// maxSidecar bounds a sidecar in bytes. One with the most participants has about 60 KiB.
const maxSidecar = 1 << 20

// Sidecar is what an archive knows of an interview without opening its bundle.
type Sidecar struct {
	V            int       `json:"v"`
	ID           string    `json:"id"`
	Title        string    `json:"title"`
	CreatorID    string    `json:"creator_id,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	StartedAt    time.Time `json:"started_at,omitzero"`
	EndedAt      time.Time `json:"ended_at"`
	Participants []Person  `json:"participants"` // in the order of joining
	Language     string    `json:"language,omitempty"`
	Record       string    `json:"record"`
	Replay       string    `json:"replay"`

	Owner      string          `json:"owner,omitempty"`       // the user who created the session
	Team       string          `json:"team,omitempty"`        // the group with which the owner shares it
	Question   string          `json:"question,omitempty"`    // the title of its question
	ExternalID string          `json:"external_id,omitempty"` // the id in another system
	Metadata   json.RawMessage `json:"metadata,omitempty"`
	CallURL    string          `json:"call_url,omitempty"`

	ArchivedAt    time.Time `json:"archived_at"`
	Bytes         int64     `json:"bytes"`  // of the bundle
	SHA256        string    `json:"sha256"` // of the bundle, in hex
	RetentionDays *int      `json:"retention_days,omitempty"`
	// DeleteAfter is when the interview is deleted, unless Hold. Zero: never.
	DeleteAfter time.Time `json:"delete_after,omitzero"`
	Hold        bool      `json:"hold"`
}

// Person is a participant of an archived interview.
type Person struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role"`
	Color    string      `json:"color,omitempty"`
	JoinedAt time.Time   `json:"joined_at"`
	User     string      `json:"user,omitempty"` // the user who was signed in
}

// ErrBadSidecar means that an object is no sidecar that this version can read.
var ErrBadSidecar = errors.New("not a sidecar")

// ParseSidecar reads a sidecar. What it returns can be shown and searched.
func ParseSidecar(raw []byte) (Sidecar, error) {
	if len(raw) > maxSidecar {
		return Sidecar{}, fmt.Errorf("%w: more than %d bytes", ErrBadSidecar, maxSidecar)
	}
	var s Sidecar
	if err := json.Unmarshal(raw, &s); err != nil {
		return Sidecar{}, fmt.Errorf("%w: %w", ErrBadSidecar, err)
	}
	sum, err := hex.DecodeString(s.SHA256)
	switch {
	case s.V < 1:
		return Sidecar{}, fmt.Errorf("%w: no version", ErrBadSidecar)
	case s.V > SidecarVersion:
		return Sidecar{}, fmt.Errorf("%w: version %d is newer than this program", ErrBadSidecar, s.V)
	case !session.ValidName(s.ID):
		return Sidecar{}, fmt.Errorf("%w: bad id", ErrBadSidecar)
	case err != nil || len(sum) != 32 || strings.ToLower(s.SHA256) != s.SHA256:
		return Sidecar{}, fmt.Errorf("%w: bad hash", ErrBadSidecar)
	case s.Bytes <= 0:
		return Sidecar{}, fmt.Errorf("%w: no size", ErrBadSidecar)
	case !inRange(s.EndedAt) || !inRange(s.CreatedAt):
		return Sidecar{}, fmt.Errorf("%w: no time", ErrBadSidecar)
	}
	if s.Participants == nil {
		s.Participants = []Person{}
	}
	return s, nil
}

// inRange reports whether a time has a year of four digits, as keys and JSON need it.
func inRange(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9999 }

// encode returns the sidecar as an object.
func (s Sidecar) encode() ([]byte, error) {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode sidecar of %s: %w", s.ID, err)
	}
	return append(raw, '\n'), nil
}

// Led reports whether the participant was an interviewer.
func (s Sidecar) Led(participant string) bool {
	for _, p := range s.Participants {
		if p.ID == participant {
			return p.Role.CanManage()
		}
	}
	return false
}

// Due reports whether the interview is over its time at now.
func (s Sidecar) Due(now time.Time) bool {
	return !s.Hold && !s.DeleteAfter.IsZero() && !now.Before(s.DeleteAfter)
}

// Names of objects.
const (
	bundleExt  = ".zip"
	sidecarExt = ".json"
	addedExt   = ".added.json" // no id has a dot, so a listing takes it for nothing else
	goneDir    = "gone/"
)

// base returns the key of an interview's objects without their extension. It depends on what never
// changes about an ended interview.
func base(id string, ended time.Time) string {
	return ended.UTC().Format("2006/01/") + id
}

// readKey returns the base and the extension of an object of an interview, and false for any other
// object.
func readKey(key string) (stem, id, ext string, ok bool) {
	ext = path.Ext(key)
	stem = strings.TrimSuffix(key, ext)
	year, rest, _ := strings.Cut(stem, "/")
	month, id, _ := strings.Cut(rest, "/")
	ok = len(year) == 4 && digits(year) && len(month) == 2 && digits(month) && session.ValidName(id) && (ext == bundleExt || ext == sidecarExt)
	return stem, id, ext, ok
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// Tombstone says that an interview was deleted.
type Tombstone struct {
	ID  string    `json:"id"`
	At  time.Time `json:"at"`
	By  string    `json:"by"`  // who deleted it
	Why string    `json:"why"` // request or retention
}

// Reasons of a deletion.
const (
	WhyRequest   = "request"
	WhyRetention = "retention"
)

// ParseTombstone reads a tombstone.
func ParseTombstone(raw []byte) (Tombstone, error) {
	var t Tombstone
	if err := json.Unmarshal(raw, &t); err != nil || !session.ValidName(t.ID) || !inRange(t.At) {
		return Tombstone{}, errors.New("not a tombstone")
	}
	return t, nil
}

// goneKey returns the key of a tombstone, and goneID the id of such a key.
func goneKey(id string) string { return goneDir + id + sidecarExt }

func goneID(key string) (string, bool) {
	name, ok := strings.CutPrefix(key, goneDir)
	id, isJSON := strings.CutSuffix(name, sidecarExt)
	return id, ok && isJSON && session.ValidName(id)
}

// Forget gives a participant another name, and removes which user that was.
func (s *Sidecar) Forget(participant, name string) {
	people := make([]Person, len(s.Participants))
	copy(people, s.Participants)
	for i := range people {
		if people[i].ID != participant {
			continue
		}
		if people[i].User != "" && people[i].User == s.Owner || s.CreatorID == participant {
			s.Owner = ""
		}
		people[i].Name, people[i].User = name, ""
	}
	s.Participants = people
}
