package scorecard

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/pkg/question"
	"parley/pkg/session"
)

// Bounds of what one interviewer writes.
const (
	MaxWords    = 10_000 // characters (runes) on the whole interview
	MaxEvidence = 4_000  // characters (runes) on one criterion
	MaxComment  = 2_000  // characters (runes)
	MaxComments = 100
	MaxMoments  = 20 // in one place
	MaxRatings  = 3 * question.MaxCriteria
	// MaxPaper bounds a scorecard, and all comments of one author, in bytes of JSON. Some thirty
	// pages fit.
	MaxPaper = 64 << 10
	// MaxMoment is the latest moment in milliseconds: a week after the start.
	MaxMoment = 7 * 24 * 3_600_000
)

// Errors of changes.
var (
	// ErrChanged means that the scorecard is not the one that was read.
	ErrChanged = errors.New("scorecard has changed")
	// ErrSubmitted means that the scorecard is submitted, and stays as it is.
	ErrSubmitted = errors.New("scorecard is submitted")
	// ErrNoCard means that there is no scorecard to submit.
	ErrNoCard = errors.New("no scorecard")
	// ErrNoComment means that the author has no such comment.
	ErrNoComment = errors.New("no such comment")
	// ErrFull means that the author has written as much as is kept.
	ErrFull = errors.New("too much written")
)

// Decision is what an interviewer would do. The empty Decision is none yet.
type Decision string

// The decisions.
const (
	StrongNo    Decision = "strong_no"
	No          Decision = "no"
	Yes         Decision = "yes"
	StrongYes   Decision = "strong_yes"
	NotAssessed Decision = "not_assessed"
)

// Author is an interviewer who wrote something, with the name of that time.
type Author struct {
	ID   string `json:"id"` // of the participant
	Name string `json:"name"`
}

// Rating is what an interviewer saw of one criterion.
type Rating struct {
	Criterion string  `json:"criterion"` // id
	Level     int     `json:"level"`     // 1 to 4; 0 is not assessed
	Evidence  string  `json:"evidence"`
	Moments   []int64 `json:"moments"` // milliseconds from the start of the replay
}

// Draft is what an interviewer writes into a scorecard.
type Draft struct {
	Decision Decision `json:"decision"`
	Words    string   `json:"words"`
	Moments  []int64  `json:"moments"`
	Ratings  []Rating `json:"ratings"`
}

// Card is a scorecard.
type Card struct {
	Author Author `json:"author"`
	Draft
	Version     int64     `json:"version"` // counts the changes, from 1 on
	SavedAt     time.Time `json:"saved_at"`
	SubmittedAt time.Time `json:"submitted_at,omitzero"` // zero: a draft, which others do not see
}

// Submitted reports whether the scorecard is submitted.
func (c Card) Submitted() bool { return !c.SubmittedAt.IsZero() }

// Comment is a remark on a moment of the replay.
type Comment struct {
	ID     string    `json:"id"`
	Author Author    `json:"author"`
	Moment int64     `json:"moment"` // milliseconds from the start of the replay
	Text   string    `json:"text"`
	At     time.Time `json:"at"` // when it was written
}

// Clean returns the draft in the form to keep, or a *session.FieldError. Criteria are checked by
// Book.Write.
func (d Draft) Clean() (Draft, error) {
	var err error
	switch d.Decision {
	case "", StrongNo, No, Yes, StrongYes, NotAssessed:
	default:
		return Draft{}, wrong("decision", "use strong_no, no, yes, strong_yes or not_assessed")
	}
	if d.Words, err = cleanText("words", d.Words, MaxWords); err != nil {
		return Draft{}, err
	}
	if d.Moments, err = cleanMoments("moments", d.Moments); err != nil {
		return Draft{}, err
	}
	if len(d.Ratings) > MaxRatings {
		return Draft{}, wrong("ratings", fmt.Sprintf("use at most %d ratings", MaxRatings))
	}
	ratings, seen := make([]Rating, 0, len(d.Ratings)), map[string]bool{}
	for i, r := range d.Ratings {
		at := fmt.Sprintf("ratings[%d]", i)
		switch {
		case !question.ValidID(r.Criterion):
			return Draft{}, wrong(at+".criterion", "use the id of a criterion of the rubric")
		case seen[r.Criterion]:
			return Draft{}, wrong(at+".criterion", "rate each criterion once")
		case r.Level < 0 || r.Level > 4:
			return Draft{}, wrong(at+".level", "use 1 to 4, or 0 for not assessed")
		}
		seen[r.Criterion] = true
		if r.Evidence, err = cleanText(at+".evidence", r.Evidence, MaxEvidence); err != nil {
			return Draft{}, err
		}
		if r.Moments, err = cleanMoments(at+".moments", r.Moments); err != nil {
			return Draft{}, err
		}
		ratings = append(ratings, r)
	}
	d.Ratings = ratings
	return d, nil
}

// equal reports whether two clean drafts say the same.
func (d Draft) equal(o Draft) bool {
	same := func(a, b Rating) bool {
		return a.Criterion == b.Criterion && a.Level == b.Level && a.Evidence == b.Evidence && slices.Equal(a.Moments, b.Moments)
	}
	return d.Decision == o.Decision && d.Words == o.Words && slices.Equal(d.Moments, o.Moments) && slices.EqualFunc(d.Ratings, o.Ratings, same)
}

// CleanComment returns the text and the moment of a comment in the form to keep, or a
// *session.FieldError.
func CleanComment(moment int64, text string) (string, error) {
	if moment < 0 || moment > MaxMoment {
		return "", wrong("moment", "use milliseconds from the start of the replay")
	}
	text, err := cleanText("text", text, MaxComment)
	if err == nil && strings.TrimSpace(text) == "" {
		err = wrong("text", "write something")
	}
	return text, err
}

func wrong(field, detail string) error { return &session.FieldError{Field: field, Detail: detail} }

// cleanMoments returns moments in order, each once.
func cleanMoments(field string, moments []int64) ([]int64, error) {
	sorted := slices.Compact(slices.Sorted(slices.Values(moments)))
	switch {
	case len(sorted) == 0:
		return []int64{}, nil
	case len(sorted) > MaxMoments:
		return nil, wrong(field, fmt.Sprintf("link at most %d moments", MaxMoments))
	case sorted[0] < 0 || sorted[len(sorted)-1] > MaxMoment:
		return nil, wrong(field, "use milliseconds from the start of the replay")
	}
	return sorted, nil
}

// cleanText returns text with LF line ends, valid UTF-8, without control characters and without
// those that change the direction of what stands beside it.
func cleanText(field, s string, most int) (string, error) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.Is(unicode.Cc, r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if utf8.RuneCountInString(s) > most {
		return "", wrong(field, fmt.Sprintf("use at most %d characters", most))
	}
	return s, nil
}

// fits reports whether v is small enough to keep.
func fits(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if len(raw) > MaxPaper {
		return ErrFull
	}
	return nil
}
