package session

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxWords bounds the text of a card in bytes. A title, an external id, ten questions and the names
// of some thirty people fit.
const maxWords = 2 << 10

// Shelf names a list of sessions: those of a user, of a team or of an external id. Its form is a
// letter and 32 hex characters, so a store can use it in a key.
type Shelf string

// AllShelf is the list of all sessions.
const AllShelf Shelf = ""

// UserShelf lists the sessions that a user owns, or took part in as interviewer.
func UserShelf(user UserID) Shelf { return shelf('u', string(user)) }

// TeamShelf lists the sessions that their owners share with a team.
func TeamShelf(team string) Shelf { return shelf('t', team) }

// ExternalShelf lists the sessions with an external id.
func ExternalShelf(id string) Shelf { return shelf('e', id) }

func shelf(kind byte, name string) Shelf {
	sum := sha256.Sum256([]byte(name))
	return Shelf(string(kind) + hex.EncodeToString(sum[:16]))
}

// Shelves returns the lists that the session is in, beside AllShelf, each once.
func (s *Session) Shelves() []Shelf {
	var shelves []Shelf
	for _, user := range append([]UserID{s.Owner}, s.Users...) {
		if user != "" {
			shelves = append(shelves, UserShelf(user))
		}
	}
	if s.Team != "" {
		shelves = append(shelves, TeamShelf(s.Team))
	}
	if s.ExternalID != "" {
		shelves = append(shelves, ExternalShelf(s.ExternalID))
	}
	slices.Sort(shelves)
	return slices.Compact(shelves)
}

// On reports whether the session is in a list.
func (s *Session) On(shelf Shelf) bool {
	return shelf == AllShelf || slices.Contains(s.Shelves(), shelf)
}

// Place is where a session stands in a list. Lists begin with the newest session.
type Place struct {
	Created int64 // milliseconds since 1970
	ID      ID
}

// String returns the form that ParsePlace reads.
func (p Place) String() string { return strconv.FormatInt(p.Created, 10) + "-" + string(p.ID) }

// ParsePlace reads the form of String.
func ParsePlace(s string) (Place, error) {
	created, id, ok := strings.Cut(s, "-")
	at, err := strconv.ParseInt(created, 10, 64)
	if !ok || err != nil || !ValidName(id) || (Place{at, ID(id)}).String() != s {
		return Place{}, fmt.Errorf("no place in a list: %.40q", s)
	}
	return Place{Created: at, ID: ID(id)}, nil
}

// compare orders places as lists do.
func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(o.Created, p.Created), cmp.Compare(p.ID, o.ID))
}

// Card is what a search needs of a session. Stores keep cards beside the records, because reading
// ten thousand records takes too long.
type Card struct {
	Place
	Status Status
	Words  string // lower case: title, external id, questions, names
}

// CardOf returns the card of a session.
func CardOf(s Session) Card {
	var b strings.Builder
	for _, text := range slices.Concat([]string{s.Title, s.ExternalID}, titlesOf(s.Questions), namesOf(s.Participants)) {
		if text != "" && b.Len() < maxWords {
			b.WriteString(strings.ToLower(text))
			b.WriteByte('\n')
		}
	}
	words := b.String()
	if len(words) > maxWords {
		words = words[:maxWords]
		for !utf8.ValidString(words) {
			words = words[:len(words)-1]
		}
	}
	return Card{Place: PlaceOf(s), Status: s.Status, Words: words}
}

// PlaceOf returns where a session stands in lists.
func PlaceOf(s Session) Place { return Place{Created: s.CreatedAt.UnixMilli(), ID: s.ID} }

func titlesOf(asked []Asked) []string {
	titles := make([]string, len(asked))
	for i, a := range asked {
		titles[i] = a.Title
	}
	return titles
}

func namesOf(people []Participant) []string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Name
	}
	return names
}

// Encode returns the form that ParseCard reads, without the id.
func (c Card) Encode() []byte {
	return fmt.Appendf(nil, "%d %s %s", c.Created, c.Status, c.Words)
}

// ParseCard reads the card of a session in the form of Encode. It reports false for any other
// form.
func ParseCard(id ID, text string) (Card, bool) {
	created, rest, _ := strings.Cut(text, " ")
	status, words, ok := strings.Cut(rest, " ")
	at, err := strconv.ParseInt(created, 10, 64)
	return Card{Place: Place{Created: at, ID: id}, Status: Status(status), Words: words}, ok && err == nil
}

// Query says which sessions of a list are wanted.
type Query struct {
	Status Status   // "" is any
	Words  []string // lower case; each must be in the words of the card
	After  Place    // the zero Place begins with the newest
	Limit  int
}

// WordsOf splits what a person searches for into the words of a Query.
func WordsOf(search string) []string { return strings.Fields(strings.ToLower(search)) }

// Wants reports whether a card is on a page of q, as far as the number of cards allows.
func (q Query) Wants(c Card) bool {
	if q.Status != "" && c.Status != q.Status || q.After != (Place{}) && c.compare(q.After) <= 0 {
		return false
	}
	for _, word := range q.Words {
		if !strings.Contains(c.Words, word) {
			return false
		}
	}
	return true
}

// SortCards sorts cards as lists do.
func SortCards(cards []Card) {
	slices.SortFunc(cards, func(a, b Card) int { return a.compare(b.Place) })
}

// Page sorts the cards that Wants accepted, and returns those of the page.
func (q Query) Page(cards []Card) []Card {
	SortCards(cards)
	return cards[:min(len(cards), q.Limit)]
}

// Browser is the part of a store that searches lists.
type Browser interface {
	// Browse returns the sessions of a list that q wants, newest first. Expired sessions are
	// included until Expire removes them. An empty result means the end.
	Browse(ctx context.Context, shelf Shelf, q Query) ([]Session, error)
}

// Browse returns a page of what is in any of several lists, and the place to continue from, which
// is zero at the end. Expired sessions are left out.
func (s *Service) Browse(ctx context.Context, b Browser, shelves []Shelf, q Query) (page []Session, next Place, err error) {
	limit := q.Limit
	q.Limit++
	for _, shelf := range shelves {
		found, err := b.Browse(ctx, shelf, q)
		if err != nil {
			return nil, Place{}, fmt.Errorf("search sessions: %w", err)
		}
		page = append(page, found...)
	}
	if len(shelves) > 1 {
		slices.SortFunc(page, func(a, b Session) int { return PlaceOf(a).compare(PlaceOf(b)) })
		page = slices.CompactFunc(page, func(a, b Session) bool { return a.ID == b.ID })
	}
	if len(page) > limit {
		page = page[:limit]
		next = PlaceOf(page[limit-1])
	}
	now := s.now()
	return slices.DeleteFunc(page, func(sess Session) bool { return sess.Expired(now) }), next, nil
}

// Claim connects an interviewer, who joined without signing in, with a user. The session is then in
// the user's list. The creator becomes the owner of a session that has none. The result is
// ErrClaimed when the interviewer is another user already.
func (s *Service) Claim(ctx context.Context, id ID, by ParticipantID, user UserID) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		i, err := sess.indexOf(by)
		if err != nil {
			return err
		}
		p := &sess.Participants[i]
		if p.User != "" && p.User != user {
			return ErrClaimed
		}
		if p.User == "" {
			sess.touch(now) // the archive names the users too
		}
		p.User = user
		sess.tookPart(*p)
		if sess.Owner == "" && sess.Creator == p.ID {
			sess.Owner = user
		}
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("claim session %s: %w", id, err)
	}
	return sess, nil
}

// tookPart notes the user of an interviewer.
func (s *Session) tookPart(p Participant) {
	if p.User != "" && p.Role.CanManage() && !slices.Contains(s.Users, p.User) {
		s.Users = append(s.Users, p.User)
	}
}

// excluded takes the user of p from the interviewers, unless that user takes part as another
// interviewer too.
func (s *Session) excluded(p Participant) {
	same := func(o Participant) bool { return o.User == p.User && o.ID != p.ID && o.Role.CanManage() }
	if p.User != "" && !slices.ContainsFunc(s.Participants, same) {
		s.Users = slices.DeleteFunc(slices.Clone(s.Users), func(u UserID) bool { return u == p.User })
	}
}
