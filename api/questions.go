package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/session"
)

func (s *Server) listQuestions(ctx context.Context, in *listQuestionsInput) (*listQuestionsOutput, error) {
	if err := s.mayReadQuestions(ctx, in.Authorization); err != nil {
		return nil, err
	}
	out := &listQuestionsOutput{}
	out.Body.Questions = []QuestionSummary{}
	if s.opts.Questions == nil {
		return out, nil
	}
	for _, q := range s.opts.Questions.List() {
		out.Body.Questions = append(out.Body.Questions, summariseQuestion(q))
	}
	return out, nil
}

func (s *Server) getQuestion(ctx context.Context, in *getQuestionInput) (*questionOutput, error) {
	if err := s.mayReadQuestions(ctx, in.Authorization); err != nil {
		return nil, err
	}
	q, err := s.question(in.Question)
	if err != nil {
		return nil, err
	}
	return &questionOutput{Body: showQuestion(q, 0)}, nil
}

// question returns a question of the bank.
func (s *Server) question(id string) (question.Question, error) {
	if s.opts.Questions == nil {
		return question.Question{}, question.ErrNotFound
	}
	return s.opts.Questions.Get(id)
}

// mayReadQuestions decides who may read the bank: people who have signed in, holders of an API key
// and interviewers of any session. Without sign-in and API keys everybody may create a session and
// lead it, so everybody without a token may read the bank too. A token of another role never opens
// it.
func (s *Server) mayReadQuestions(ctx context.Context, authorization string) error {
	token := bearer(authorization)
	switch {
	case token == "" && s.opts.SignIn != nil:
		_, err := s.mustSignIn(ctx)
		return err
	case token == "" && s.opts.Keys.Any():
		return errKeyRequired
	case token == "":
		return nil
	}
	end, err := s.guess(ctx)
	if err != nil {
		return err
	}
	if _, ok := s.opts.Keys.Match(token); ok {
		end(false)
		return nil
	}
	caller, err := s.bearerOf(ctx, token)
	end(errors.Is(err, access.ErrBadToken)) // the token may have been a guess at an API key
	if err == nil && !caller.Role.CanManage() {
		err = errForbidden
	}
	return err
}

// bearerOf returns the participant of whatever session a token is for.
func (s *Server) bearerOf(ctx context.Context, token string) (session.Participant, error) {
	name, err := access.SessionOf(token)
	if err != nil {
		return session.Participant{}, err
	}
	id, err := session.ParseID(name)
	if err != nil {
		return session.Participant{}, fmt.Errorf("%w: %v", access.ErrBadToken, err)
	}
	if _, err := s.opts.Tokens.Verify(token, name); err != nil {
		return session.Participant{}, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return session.Participant{}, fmt.Errorf("%w: %v", access.ErrBadToken, err)
	}
	return s.participantOf(sess, token)
}

// leads returns the session of a request from one of its interviewers.
func (s *Server) leads(ctx context.Context, in *InSession) (session.Session, session.Participant, error) {
	sess, caller, err := s.enter(ctx, in)
	if err == nil && !caller.Role.CanManage() {
		err = errForbidden
	}
	return sess, caller, err
}

// askQuestion puts a question into a session.
func (s *Server) askQuestion(ctx context.Context, in *askInput) (*guideOutput, error) {
	sess, caller, err := s.leads(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	if err := s.opts.Sessions.MayAsk(sess); err != nil {
		return nil, err
	}
	q, err := s.question(in.Body.Question)
	if err != nil {
		return nil, err
	}
	task := taskOf(q, in.Body.Language)
	if err := s.keepCopy(ctx, sess.ID, q); err != nil {
		return nil, err
	}
	if err := s.opts.Relay.Edit(ctx, relay.RoomID{Session: string(sess.ID)}, string(caller.ID), func(d *crdt.Doc) error { return task.Insert(d) }); err != nil {
		return nil, err
	}
	if sess, err = s.opts.Sessions.Ask(ctx, sess.ID, task); err != nil {
		return nil, err
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Asked, Detail: q.ID + "@" + q.Hash})
	return s.showGuide(sess, q)
}

// taskOf returns what everybody may see of a question, in a language.
func taskOf(q question.Question, language string) *session.Task {
	if language == "" && len(q.Languages) > 0 {
		language = q.Languages[0]
	}
	if language == "" {
		language = session.DefaultLanguage
	}
	t := &session.Task{ID: q.ID, Hash: q.Hash, Title: q.Title, Parts: q.Parts, Language: language, Prompt: q.Prompts[0]}
	for i, f := range q.Files[language] {
		of := language
		if i > 0 {
			of = session.LanguageOf(f.Name, language)
		}
		t.Files = append(t.Files, session.File{Name: f.Name, Language: of, Code: f.Text})
	}
	for _, test := range q.Checks {
		if test.Hidden || !test.Fits(language) {
			continue
		}
		shown := session.TaskTest{Name: test.Name, Input: test.Input, Expected: test.Expected}
		if code := test.CodeIn(language); code != "" {
			shown.Code, shown.Expected = true, code
		}
		t.Tests = append(t.Tests, shown)
	}
	return t
}

// revealPart adds the next part to the problem. The document is changed first: a part that stands
// there already is not added twice, so a call that failed half way can be repeated.
func (s *Server) revealPart(ctx context.Context, in *revealInput) (*guideOutput, error) {
	sess, caller, err := s.leads(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	if sess.Status == session.Ended {
		return nil, session.ErrEnded
	}
	asked, ok := sess.Current()
	if !ok {
		return nil, session.ErrNoQuestion
	}
	part := asked.Revealed + 1
	if in.Body != nil && in.Body.Part > 0 {
		part = in.Body.Part
	}
	if part > asked.Revealed+1 || part > asked.Parts {
		return nil, session.ErrNoPart
	}
	q, err := s.copyOf(ctx, sess.ID, asked)
	if err != nil || part <= asked.Revealed {
		return s.guideOr(sess, q, err)
	}
	text := q.Prompts[part-1]
	if err := s.opts.Relay.Edit(ctx, relay.RoomID{Session: string(sess.ID)}, string(caller.ID), func(d *crdt.Doc) error { return session.AddPart(d, text) }); err != nil {
		return nil, err
	}
	if sess, err = s.opts.Sessions.Reveal(ctx, sess.ID, asked.Hash, part); err != nil {
		return nil, err
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Revealed, Detail: fmt.Sprintf("part %d", part)})
	return s.showGuide(sess, q)
}

func (s *Server) getGuide(ctx context.Context, in *InSession) (*guideOutput, error) {
	sess, _, err := s.leads(ctx, in)
	if err != nil {
		return nil, err
	}
	asked, ok := sess.Current()
	if !ok {
		return nil, session.ErrNoQuestion
	}
	q, err := s.copyOf(ctx, sess.ID, asked)
	return s.guideOr(sess, q, err)
}

func (s *Server) guideOr(sess session.Session, q question.Question, err error) (*guideOutput, error) {
	if err != nil {
		return nil, err
	}
	return s.showGuide(sess, q)
}

func (s *Server) showGuide(sess session.Session, q question.Question) (*guideOutput, error) {
	asked, ok := sess.Current()
	if !ok {
		return nil, session.ErrNoQuestion
	}
	return &guideOutput{Body: Guide{Question: showQuestion(q, asked.Revealed), Language: asked.Language, Revealed: asked.Revealed}}, nil
}

// keepCopy stores a question with a session.
func (s *Server) keepCopy(ctx context.Context, id session.ID, q question.Question) error {
	content, err := packQuestion(q)
	if err != nil {
		return err
	}
	return s.opts.Copies.KeepQuestion(ctx, id, q.Hash, content)
}

// copyOf returns a session's copy of a question. A copy that a store has lost is taken from the
// bank, if the bank still has that very question.
func (s *Server) copyOf(ctx context.Context, id session.ID, asked session.Asked) (question.Question, error) {
	content, err := s.opts.Copies.Question(ctx, id, asked.Hash)
	if err != nil {
		return question.Question{}, err
	}
	if content == nil {
		q, err := s.question(asked.ID)
		if err == nil && q.Hash != asked.Hash {
			err = fmt.Errorf("%w: %s@%s", question.ErrNotFound, asked.ID, asked.Hash)
		}
		return q, err
	}
	return unpackQuestion(content)
}

// packQuestion encodes a copy: JSON, compressed.
func packQuestion(q question.Question) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	err := json.NewEncoder(z).Encode(q)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("encode question: %w", err)
	}
	return b.Bytes(), nil
}

// unpackQuestion decodes a copy.
func unpackQuestion(content []byte) (q question.Question, err error) {
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(z, 8*question.MaxQuestion)).Decode(&q)
	}
	if err == nil && (len(q.Prompts) == 0 || q.Parts != len(q.Prompts)) {
		err = errors.New("parts are missing")
	}
	if err != nil {
		return question.Question{}, fmt.Errorf("decode question: %w", err)
	}
	return q, nil
}

// eachAsked calls do with each question of a session. One that is lost, and has changed in the bank
// since, is left out.
func (s *Server) eachAsked(ctx context.Context, sess session.Session, do func(session.Asked, question.Question) error) error {
	for _, asked := range sess.Questions {
		q, err := s.copyOf(ctx, sess.ID, asked)
		if errors.Is(err, question.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := do(asked, q); err != nil {
			return err
		}
	}
	return nil
}

// askedFiles returns the folders of all questions of a session, for its archive.
func (s *Server) askedFiles(ctx context.Context, sess session.Session) (map[string]string, error) {
	files := map[string]string{}
	err := s.eachAsked(ctx, sess, func(asked session.Asked, q question.Question) error {
		folder, err := q.Folder()
		if err != nil {
			return fmt.Errorf("write question: %w", err)
		}
		for name, text := range folder {
			files[asked.ID+"@"+asked.Hash+"/"+name] = text
		}
		return nil
	})
	return files, err
}

// showAsked returns the current question of a session, or nil.
func showAsked(sess session.Session) *SessionQuestion {
	asked, ok := sess.Current()
	if !ok {
		return nil
	}
	return &SessionQuestion{ID: asked.ID, Hash: asked.Hash, Title: asked.Title}
}

// beginWith adds the question that a session is created with to its draft.
func (s *Server) beginWith(b *CreateSession, draft *session.Draft) (q question.Question, err error) {
	if b == nil || b.Question == "" {
		return q, nil
	}
	if b.Code != nil || b.Prompt != "" {
		return q, &session.FieldError{Field: "question", Detail: "leave out code and prompt, because the question brings its own"}
	}
	if q, err = s.question(b.Question); errors.Is(err, question.ErrNotFound) {
		return q, &session.FieldError{Field: "question", Detail: "there is no such question; GET /questions lists them"}
	}
	if err != nil {
		return q, err
	}
	if draft.Title == "" {
		draft.Title = q.Title
	}
	draft.Task = taskOf(q, draft.Language)
	return q, nil
}

// keepFirst stores the question that a session was created with. Without the copy the session is
// of no use, so it goes again.
func (s *Server) keepFirst(ctx context.Context, sess session.Session, q question.Question) error {
	if len(sess.Questions) == 0 {
		return nil
	}
	err := s.keepCopy(ctx, sess.ID, q)
	if err != nil {
		err = errors.Join(err, s.opts.Sessions.Delete(context.WithoutCancel(ctx), sess.ID))
	}
	return err
}
