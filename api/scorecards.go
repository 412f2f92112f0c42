package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/question"
	"parley/pkg/scorecard"
	"parley/pkg/session"
)

// savesPerMinute bounds what one interviewer writes. The page saves at most once a second.
const savesPerMinute = 120

func (s *Server) getScorecards(ctx context.Context, in *InSession) (*scorecardsOutput, error) {
	d, err := s.desk(ctx, in)
	if err != nil {
		return nil, err
	}
	b, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	shown := b
	if !d.all {
		shown = b.For(d.person)
	}
	out := &scorecardsOutput{Body: showBook(shown, d.person)}
	out.Body.People = d.assessors(b)
	return out, nil
}

func (s *Server) putScorecard(ctx context.Context, in *putScorecardInput) (*scorecardOutput, error) {
	var card scorecard.Card
	_, err := s.judge(ctx, &in.InSession, func(d desk, b *scorecard.Book) (err error) {
		card, err = b.Write(d.person, in.Body.draft(), in.Body.Version, s.opts.Sessions.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &scorecardOutput{Body: showCard(card)}, nil
}

func (s *Server) submitScorecard(ctx context.Context, in *submitScorecardInput) (*scorecardOutput, error) {
	var card scorecard.Card
	var first bool
	d, err := s.judge(ctx, &in.InSession, func(d desk, b *scorecard.Book) (err error) {
		card, first, err = b.Submit(d.person, in.Body.Version, s.opts.Sessions.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	if first {
		s.note(ctx, d.caller, audit.Event{Session: string(d.id), Kind: audit.Judged})
		about := submittedScorecard{Author: Author(card.Author), SubmittedAt: card.SubmittedAt}
		s.opts.Webhooks.Send(EventSubmitted, submittedEvent{Session: d.told(), Scorecard: about})
	}
	return &scorecardOutput{Body: showCard(card)}, nil
}

func (s *Server) addComment(ctx context.Context, in *commentInput) (*commentOutput, error) {
	var c scorecard.Comment
	_, err := s.judge(ctx, &in.InSession, func(d desk, b *scorecard.Book) (err error) {
		c, err = b.Remark(d.person, in.Body.ID, in.Body.Moment, in.Body.Text, s.opts.Sessions.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &commentOutput{Body: showComment(c)}, nil
}

func (s *Server) removeComment(ctx context.Context, in *removeCommentInput) (*struct{}, error) {
	_, err := s.judge(ctx, &in.InSession, func(d desk, b *scorecard.Book) error { return b.Withdraw(d.person, in.Comment) })
	return nil, err
}

// judge lets an interviewer change the book of a session. change may be called more than once.
func (s *Server) judge(ctx context.Context, in *InSession, change func(desk, *scorecard.Book) error) (desk, error) {
	d, err := s.desk(ctx, in)
	switch {
	case err != nil:
		return d, err
	case d.person.ID == "":
		return d, errForbidden // all may be read, but nobody writes for somebody else
	}
	if _, err := limitFor(ctx, s.saves, string(d.id)+" "+d.person.ID); err != nil {
		return d, err
	}
	return d, d.change(ctx, func(b *scorecard.Book) error { return change(d, b) })
}

// desk is where the scorecards of a session are, and who asks for them.
type desk struct {
	s      *Server
	id     session.ID
	live   *session.Session // nil: the store has forgotten it
	side   archive.Sidecar  // without live
	person scorecard.Person // without an id: nobody who took part as interviewer
	caller session.Participant
	all    bool // everything may be read
}

// errSeenLater means that who did not take part reads scorecards from the end on.
var errSeenLater = errors.New("scorecards are read from the end on")

// desk decides who may read and write the scorecards of a session: its interviewers. With open
// access nobody is an interviewer without a token.
func (s *Server) desk(ctx context.Context, in *InSession) (desk, error) {
	id, err := session.ParseID(in.ID)
	if err != nil {
		return desk{}, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if isGone(err) && s.opts.Archive != nil {
		d, old := s.oldDesk(ctx, in)
		if errors.Is(old, archive.ErrNotFound) {
			old = err
		}
		return d, old
	}
	if err != nil {
		return desk{}, err
	}
	d := desk{s: s, id: id, live: &sess}
	token := bearer(in.Authorization)
	if u, ok := s.signedIn(ctx); ok && token == "" {
		own := func(p session.Participant) bool { return string(p.User) == u.ID && p.Role.CanManage() }
		if i := slices.IndexFunc(sess.Participants, own); i >= 0 {
			d.sits(sess.Participants[i])
		}
		d.all = sess.Status == session.Ended && (u.Admin || string(sess.Owner) == u.ID)
		if !d.all && d.person.ID == "" {
			return desk{}, errForbidden
		}
		return d, nil
	}
	isKey, end, err := s.maybeKey(ctx, token)
	if err != nil {
		return desk{}, err
	}
	if isKey {
		end(false)
		if d.all = true; sess.Status != session.Ended {
			return desk{}, errSeenLater
		}
		return d, nil
	}
	caller, err := s.participantOf(sess, token)
	end(errors.Is(err, access.ErrBadToken)) // it may have been a guess at an API key
	if err == nil && !caller.Role.CanManage() {
		err = errForbidden
	}
	d.sits(caller)
	return d, err
}

// maybeKey reports whether a token is an API key. end must be called with whether it was wrong.
func (s *Server) maybeKey(ctx context.Context, token string) (isKey bool, end func(wrong bool), err error) {
	if token == "" || !s.opts.Keys.Any() {
		return false, func(bool) {}, nil
	}
	if end, err = s.guess(ctx); err != nil {
		return false, nil, err
	}
	_, isKey = s.opts.Keys.Match(token)
	return isKey, end, nil
}

// oldDesk is desk for an interview that only the archive has.
func (s *Server) oldDesk(ctx context.Context, in *InSession) (desk, error) {
	side, by, err := s.archived(ctx, in)
	if err != nil {
		return desk{}, unreached(err)
	}
	d := desk{s: s, id: session.ID(side.ID), side: side}
	if stored, err := s.opts.Sessions.Stored(ctx, d.id); err == nil && stored.AwaitsArchive(s.opts.Sessions.Now()) {
		return desk{}, errNotArchivedYet // the archive lacks what was written last
	} else if err != nil && !isGone(err) {
		return desk{}, err
	}
	d.person, d.all = reader(side, by, s.admin(ctx, by))
	if !d.all && d.person.ID == "" {
		return desk{}, errForbidden // somebody of the team, who did not take part
	}
	d.caller = session.Participant{ID: session.ParticipantID(d.person.ID), Name: d.person.Name, Role: access.Interviewer}
	return d, nil
}

// admin reports whether an archivist is an administrator.
func (s *Server) admin(ctx context.Context, by archivist) bool {
	u, ok := s.signedIn(ctx)
	return ok && by.user == u.ID && u.Admin
}

// reader returns who of an archived interview somebody is, and whether everything may be read.
func reader(side archive.Sidecar, by archivist, admin bool) (p scorecard.Person, all bool) {
	user := by.user
	for _, o := range side.Participants {
		if by.user == "" && o.ID == string(by.by.ID) {
			user = o.User
		}
	}
	for _, o := range side.Participants {
		if !o.Role.CanManage() || o.ID != string(by.by.ID) && (user == "" || o.User != user) {
			continue
		}
		if p.ID == "" && (by.user != "" || o.ID == string(by.by.ID)) {
			p.Author = scorecard.Author{ID: o.ID, Name: o.Name}
		} else {
			p.Others = append(p.Others, o.ID)
		}
	}
	return p, by.key != "" || by.user != "" && (admin || side.Owner == by.user)
}

// sits says which participant asks.
func (d *desk) sits(p session.Participant) {
	d.caller = p
	d.person = scorecard.Person{Author: scorecard.Author{ID: string(p.ID), Name: p.Name}}
	for _, o := range d.live.Participants {
		if p.User != "" && o.User == p.User && o.ID != p.ID && o.Role.CanManage() {
			d.person.Others = append(d.person.Others, string(o.ID))
		}
	}
}

// read returns the whole book.
func (d desk) read(ctx context.Context) (scorecard.Book, error) {
	if d.live == nil {
		return d.s.oldBook(ctx, d.side)
	}
	_, b, err := d.s.book(ctx, *d.live)
	return b, err
}

// change changes the book. A change by somebody else meanwhile makes it begin anew.
func (d desk) change(ctx context.Context, change func(*scorecard.Book) error) error {
	if d.live == nil {
		return d.s.changeOld(ctx, d.side, change)
	}
	for {
		papers, b, err := d.s.book(ctx, *d.live)
		if err != nil {
			return err
		}
		next := b.Clone()
		if err := change(&next); err != nil {
			return err
		}
		err = d.s.keepBook(ctx, *d.live, papers, next)
		if !errors.Is(err, session.ErrSwapped) || ctx.Err() != nil {
			return err
		}
	}
}

// book returns the book of a session that its store has, and the papers that it was read from. Its
// rubric has the criteria of all questions that were asked.
func (s *Server) book(ctx context.Context, sess session.Session) (map[string][]byte, scorecard.Book, error) {
	papers, err := s.opts.Papers.Papers(ctx, sess.ID)
	if err != nil {
		return nil, scorecard.Book{}, err
	}
	b, err := scorecard.ReadPapers(papers)
	if err != nil {
		return nil, scorecard.Book{}, fmt.Errorf("scorecards of session %s: %w", sess.ID, err)
	}
	rubrics, err := s.rubricsOf(ctx, sess)
	if err != nil {
		return nil, scorecard.Book{}, err
	}
	b.Extend(rubrics...)
	if len(b.Rubric.Criteria) == 0 {
		b.Extend(s.generalRubric())
	}
	return papers, b, nil
}

// bookOf returns what an interviewer may see of the book of a session, for an archive.
func (s *Server) bookOf(ctx context.Context, sess session.Session, caller session.Participant) (*scorecard.Book, error) {
	_, b, err := s.book(ctx, sess)
	if err != nil {
		return nil, err
	}
	if caller != archiver {
		d := desk{live: &sess}
		d.sits(caller)
		b = b.For(d.person)
	}
	return &b, nil
}

// rubricsOf returns the rubrics of the questions of a session.
func (s *Server) rubricsOf(ctx context.Context, sess session.Session) (rubrics []question.Rubric, err error) {
	if s.opts.Questions == nil {
		return nil, nil
	}
	err = s.eachAsked(ctx, sess, func(_ session.Asked, q question.Question) error {
		if r, ok := s.opts.Questions.Rubric(q.Rubric); ok {
			rubrics = append(rubrics, r)
		}
		return nil
	})
	return rubrics, err
}

// generalRubric returns the rubric for questions without one. An operator's own comes first.
func (s *Server) generalRubric() question.Rubric {
	general := question.General()
	if s.opts.Questions != nil {
		if own, ok := s.opts.Questions.Rubric(general.ID); ok {
			return own
		}
	}
	return general
}

// slowSwap is how long a change may take before the archive must be asked again: half of the time
// that an interview is left alone before it is archived.
const slowSwap = time.Second

// keepBook stores what has changed since papers were read. An interview that has ended is archived
// again. It is asked for before, so that a crash in between loses nothing.
func (s *Server) keepBook(ctx context.Context, sess session.Session, papers map[string][]byte, b scorecard.Book) error {
	was, err := scorecard.ReadPapers(papers)
	if err != nil {
		return err
	}
	before, err := was.Papers()
	if err != nil {
		return err
	}
	after, err := b.Papers()
	if err != nil {
		return err
	}
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if !bytes.Equal(before[name], after[name]) {
			changed = append(changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] == nil {
			changed = append(changed, name)
		}
	}
	began := time.Now()
	if err := s.archiveAgain(ctx, sess, len(changed)); err != nil {
		return err
	}
	for _, name := range changed {
		if err := s.opts.Papers.SwapPaper(ctx, sess.ID, name, papers[name], after[name]); err != nil {
			return err
		}
	}
	if time.Since(began) > slowSwap {
		return s.archiveAgain(ctx, sess, len(changed))
	}
	return nil
}

// archiveAgain asks for a new bundle of a session that has ended.
func (s *Server) archiveAgain(ctx context.Context, sess session.Session, changed int) error {
	if s.opts.Archive == nil || sess.Status != session.Ended || changed == 0 {
		return nil
	}
	_, err := s.opts.Sessions.Touch(ctx, sess.ID)
	s.opts.Archiver.Want(sess.ID)
	return err
}

// assessors returns the interviewers, and how far each of them is.
func (d desk) assessors(b scorecard.Book) []Assessor {
	people := []Assessor{}
	seen := map[string]bool{} // ids and users
	add := func(id, user, name string, others []string) {
		if seen[id] || user != "" && seen[user] {
			return
		}
		seen[id], seen[user] = true, true
		p := Assessor{Author: Author{ID: id, Name: name}, State: "none"}
		if c, ok := b.Own(scorecard.Person{Author: scorecard.Author{ID: id}, Others: others}); ok {
			p.State, p.ID, seen[c.Author.ID] = "draft", c.Author.ID, true
			if c.Submitted() {
				p.State = "submitted"
			}
		}
		people = append(people, p)
	}
	sidePeople := d.side.Participants
	if d.live != nil {
		sidePeople = archive.Describe(*d.live).Participants
	}
	for _, p := range sidePeople {
		if !p.Role.CanManage() {
			continue
		}
		others := []string{}
		for _, o := range sidePeople {
			if p.User != "" && o.User == p.User && o.ID != p.ID {
				others = append(others, o.ID)
			}
		}
		add(p.ID, p.User, p.Name, others)
	}
	for _, c := range b.Cards { // of people who have left
		add(c.Author.ID, "", c.Author.Name, nil)
	}
	return people
}

// told returns the summary of the session for webhooks.
func (d desk) told() Summary {
	if d.live != nil {
		return d.s.told(*d.live)
	}
	return summariseArchived(d.s.opts.PublicURL, d.side)
}
