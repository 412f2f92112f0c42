package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/pkg/access"
)

// Profile is the name and colour that a participant chooses.
type Profile struct {
	Name  string
	Color string // "" picks a colour from the palette
	User  UserID // the signed-in user; "" is nobody
}

// Draft describes a new session. The zero Draft is valid.
type Draft struct {
	Title    string
	Language string  // "" means DefaultLanguage
	Code     *string // nil means the starter of the language
	Prompt   string  // the problem statement in Markdown
	Lobby    bool    // others wait until an interviewer starts the session
	Ask      bool    // participants wait until an interviewer admits them, even after the start
	Creator  Profile // an empty name means DefaultCreator
	Base     string  // see Session.Base
	Record   Record  // "" means RecordAll
	Replay   Replay  // "" means ReplayInterviewers
	Team     string  // see Session
	Task     *Task   // the question to begin with; Code and Prompt are not used then

	RetentionDays *int // see Session.RetentionDays

	ExternalID string // see Session
	Metadata   Metadata
	CallURL    string
}

// DefaultCreator is the name of a creator who chose no name.
const DefaultCreator = "Interviewer"

// Created is a new session with its invite codes. The codes are not stored, so they are known only
// here.
type Created struct {
	Session Session
	Creator Participant
	Codes   map[access.Role]access.Code
}

// Service implements the rules of sessions over a Store. It is safe for concurrent use.
type Service struct {
	store Store
	ttl   time.Duration
	now   func() time.Time
	taken func(ID) bool // ids that the store has forgotten and something else has not; nil: none
}

// NewService returns a Service. Its sessions live for ttl from their creation, by the clock now.
func NewService(store Store, ttl time.Duration, now func() time.Time) *Service {
	return &Service{store: store, ttl: ttl, now: now}
}

// Avoid keeps Create from giving a session an id that taken reports. Call it before any other
// method.
func (s *Service) Avoid(taken func(ID) bool) { s.taken = taken }

// TTL is how long a session is kept from its creation.
func (s *Service) TTL() time.Duration { return s.ttl }

// Now is the current time by the clock of the service, in whole milliseconds.
func (s *Service) Now() time.Time { return s.clock() }

func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// Create creates a session with its creator as interviewer and an invite for every role. A
// *FieldError describes invalid input.
func (s *Service) Create(ctx context.Context, d Draft) (Created, error) {
	sess, seed, err := s.draft(d)
	if err != nil {
		return Created{}, err
	}
	made := Created{Creator: sess.Participants[0], Codes: map[access.Role]access.Code{}}
	for _, role := range access.Roles() {
		made.Codes[role] = access.NewCode()
		sess.Invites[role] = made.Codes[role].Hash()
	}
	// The id has 32 bits, and there are thousands of sessions: a second try is rare, and an eighth
	// try means a broken store.
	for range 8 {
		if sess.ID = newID(); s.taken != nil && s.taken(sess.ID) {
			err = ErrExists
			continue
		}
		if err = s.store.Create(ctx, sess, seed); !errors.Is(err, ErrExists) {
			break
		}
	}
	if err != nil {
		return Created{}, fmt.Errorf("create session: %w", err)
	}
	made.Session = sess
	return made, nil
}

// draft returns the session that d describes, without id and invites, and its seed.
func (s *Service) draft(d Draft) (Session, []byte, error) {
	title, err := cleanTitle(d.Title)
	if err != nil {
		return Session{}, nil, err
	}
	if d.Creator.Name == "" {
		d.Creator.Name = DefaultCreator
	}
	name, err := cleanName("creator.name", d.Creator.Name)
	if err != nil {
		return Session{}, nil, err
	}
	color, err := cleanColor("creator.color", d.Creator.Color, nil)
	if err != nil {
		return Session{}, nil, err
	}
	seed, err := d.seed()
	if err != nil {
		return Session{}, nil, err
	}
	now := s.clock()
	creator := Participant{ID: newParticipantID(), Name: name, Role: access.Interviewer, Color: color, JoinedAt: now, User: d.Creator.User}
	sess := Session{
		Title: title, Status: Active, Creator: creator.ID, Base: d.Base, Owner: d.Creator.User, Team: d.Team,
		CreatedAt: now, UpdatedAt: now, StartedAt: now, ExpiresAt: now.Add(s.ttl),
		Participants: []Participant{creator}, Invites: map[access.Role]access.Hash{},
	}
	sess.tookPart(creator)
	if d.Task != nil {
		sess.Questions = []Asked{d.Task.asked(now)}
	}
	if d.Lobby {
		sess.Status, sess.StartedAt = Waiting, time.Time{}
	}
	if d.Ask {
		sess.Admission = AdmitAsk
	}
	if sess.Record, err = cleanRecord(d.Record); err != nil {
		return Session{}, nil, err
	}
	if sess.Replay, err = cleanReplay(d.Replay); err != nil {
		return Session{}, nil, err
	}
	refs := References{ExternalID: &d.ExternalID, Metadata: &d.Metadata, CallURL: &d.CallURL}
	if _, err = refs.apply(&sess); err != nil {
		return Session{}, nil, err
	}
	sess.RetentionDays = d.RetentionDays
	return sess, seed, CheckRetention(d.RetentionDays)
}

// Open returns the session with that id. If there is none, Open creates an empty session without a
// seed: with open access, connecting to a name creates the session. The result is ErrGone if the
// session was deleted or has expired.
func (s *Service) Open(ctx context.Context, id ID) (Session, error) {
	for {
		sess, err := s.Get(ctx, id)
		if !errors.Is(err, ErrNotFound) {
			return sess, err
		}
		now := s.clock()
		sess = Session{
			ID: id, Status: Active, AdHoc: true, CreatedAt: now, UpdatedAt: now, StartedAt: now, ExpiresAt: now.Add(s.ttl),
			Participants: []Participant{}, Invites: map[access.Role]access.Hash{},
		}
		if err = s.store.Create(ctx, sess, nil); !errors.Is(err, ErrExists) {
			return sess, err
		}
		if err = ctx.Err(); err != nil {
			return Session{}, err
		}
	}
}

// Get returns the session. The result is ErrGone from the moment of its expiry, swept or not.
func (s *Service) Get(ctx context.Context, id ID) (Session, error) {
	sess, err := s.store.Get(ctx, id)
	if err != nil {
		return Session{}, fmt.Errorf("get session %s: %w", id, err)
	}
	if sess.Expired(s.now()) {
		return Session{}, fmt.Errorf("get session %s: %w", id, ErrGone)
	}
	return sess, nil
}

// Invited returns the session that the code opens and the role that the code gives. It changes
// nothing.
func (s *Service) Invited(ctx context.Context, code access.Code) (Session, access.Role, error) {
	id, err := s.store.ByInvite(ctx, code.Hash())
	if errors.Is(err, ErrNotFound) {
		return Session{}, "", fmt.Errorf("look up invite: %w", ErrInvite)
	}
	if err != nil {
		return Session{}, "", fmt.Errorf("look up invite: %w", err)
	}
	sess, err := s.Get(ctx, id)
	if err != nil {
		return Session{}, "", err
	}
	role, ok := sess.roleOf(code)
	if !ok {
		return Session{}, "", fmt.Errorf("look up invite: %w", ErrInvite) // renewed in between
	}
	return sess, role, nil
}

// JoinByInvite adds a participant to the session that the code opens, in the role of the code.
func (s *Service) JoinByInvite(ctx context.Context, code access.Code, p Profile) (Session, Participant, error) {
	id, err := s.store.ByInvite(ctx, code.Hash())
	if errors.Is(err, ErrNotFound) {
		return Session{}, Participant{}, fmt.Errorf("join: %w", ErrInvite)
	}
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("join by invite: %w", err)
	}
	return s.Join(ctx, id, code, p)
}

// Join adds a participant to this session in the role of the code. The result is ErrInvite if the
// code does not belong to the session.
func (s *Service) Join(ctx context.Context, id ID, code access.Code, p Profile) (Session, Participant, error) {
	return s.add(ctx, id, p, func(sess *Session) (access.Role, error) {
		role, ok := sess.roleOf(code)
		if !ok {
			return "", ErrInvite
		}
		return role, nil
	})
}

// JoinAs adds a participant in that role without a code, for open access or a right that was proven
// elsewhere.
func (s *Service) JoinAs(ctx context.Context, id ID, role access.Role, p Profile) (Session, Participant, error) {
	return s.add(ctx, id, p, func(*Session) (access.Role, error) { return role, nil })
}

func (s *Service) add(ctx context.Context, id ID, p Profile, roleIn func(*Session) (access.Role, error)) (Session, Participant, error) {
	name, err := cleanName("name", p.Name)
	if err != nil {
		return Session{}, Participant{}, err
	}
	added := Participant{ID: newParticipantID(), Name: name, User: p.User}
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		if added.Role, err = roleIn(sess); err != nil {
			return err
		}
		if added.Color, err = cleanColor("color", p.Color, sess.Participants); err != nil {
			return err
		}
		if sess.full(added.Role) {
			return ErrFull
		}
		added.JoinedAt, added.Waits, sess.UpdatedAt = now, sess.lobby(), now
		sess.Participants = append(sess.Participants, added)
		sess.tookPart(added)
		return nil
	})
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("join session %s: %w", id, err)
	}
	return sess, added, nil
}

// Change is a change of a session by an interviewer. A nil field stays unchanged.
type Change struct {
	Title     *string
	Status    *Status
	Admission *Admission
	Team      *string // see Session; the caller has checked it
	References
}

// Change applies c. The status only moves forward; any other change of status is ErrTransition. The
// current status is accepted and changes nothing. A *FieldError describes invalid input.
func (s *Service) Change(ctx context.Context, id ID, c Change) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		was := sess.Status
		changed, err := c.apply(sess)
		if changed {
			sess.UpdatedAt = now
		}
		if sess.Status != was {
			sess.reached(now)
		}
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("change session %s: %w", id, err)
	}
	return sess, nil
}

// Check returns the error that Change would return for c and sess. It changes nothing.
func (c Change) Check(sess Session) error {
	_, err := c.apply(&sess)
	return err
}

// apply applies c to sess and reports whether anything changed.
func (c Change) apply(sess *Session) (changed bool, err error) {
	if c.Title != nil {
		title, err := cleanTitle(*c.Title)
		if err != nil {
			return false, err
		}
		changed = title != sess.Title
		sess.Title = title
	}
	if c.Team != nil {
		changed = changed || *c.Team != sess.Team
		sess.Team = *c.Team
	}
	referred, err := c.References.apply(sess)
	if err != nil {
		return false, err
	}
	changed = changed || referred
	if c.Admission != nil {
		if *c.Admission != AdmitAll && *c.Admission != AdmitAsk {
			return false, &FieldError{Field: "admission", Detail: "use open or ask"}
		}
		changed = changed || *c.Admission != sess.Admission || sess.Held || len(sess.Barred) > 0
		sess.Admission, sess.Held, sess.Barred = *c.Admission, false, nil
	}
	if c.Status == nil || *c.Status == sess.Status {
		return changed, nil
	}
	if !sess.Status.mayBecome(*c.Status) {
		return false, fmt.Errorf("%w: from %s to %s", ErrTransition, sess.Status, *c.Status)
	}
	sess.Status = *c.Status
	return true, nil
}

// List returns up to limit sessions with ids after the id after. next is the id to continue from,
// or "" at the end.
func (s *Service) List(ctx context.Context, l Lister, after ID, limit int) (page []Session, next ID, err error) {
	if page, err = l.List(ctx, after, limit+1); err != nil {
		return nil, "", fmt.Errorf("list sessions: %w", err)
	}
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].ID
	}
	now := s.now()
	return slices.DeleteFunc(page, func(sess Session) bool { return sess.Expired(now) }), next, nil
}

// Delete removes the session with all its data. After that the session is gone.
func (s *Service) Delete(ctx context.Context, id ID) error {
	if err := s.store.Delete(ctx, id, s.clock().Add(GoneFor)); err != nil {
		return fmt.Errorf("delete session %s: %w", id, err)
	}
	return nil
}

// Sweep removes everything from sw that has expired by the service's clock. A session stays while
// keep, if not nil, says so. gone is called for every removed session, as it was. Of one whose
// record could not be read, only the id is known.
func (s *Service) Sweep(ctx context.Context, sw Sweeper, keep func(Session) bool, gone func(Session)) error {
	for {
		var mu sync.Mutex // a store may ask from several goroutines
		last := map[ID]Session{}
		ids, err := sw.Expire(ctx, s.clock(), func(sess Session) bool {
			if keep != nil && keep(sess) {
				return true
			}
			mu.Lock()
			defer mu.Unlock()
			last[sess.ID] = sess
			return false
		})
		for _, id := range ids {
			sess, ok := last[id]
			if !ok {
				sess.ID = id
			}
			gone(sess)
		}
		if err != nil {
			return fmt.Errorf("sweep sessions: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
	}
}
