package scorecard

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parley/pkg/question"
	"parley/pkg/session"
)

// FileName is the name of a book in a zip and in the archive.
const FileName = "scorecards.json"

// format is the version of that file. Readers refuse a higher one.
const format = 1

// MaxFile bounds that file in bytes: what all interviewers of a session may write.
const MaxFile = 2*MaxPaper*(session.MaxParticipants+session.KeptPlaces) + 1<<20

// ErrNoBook means that a file is no book that this version can read.
var ErrNoBook = errors.New("not a file of scorecards")

// Names of papers.
const (
	rubricPaper    = "rubric"
	cardPrefix     = "card-"
	commentsPrefix = "comments-"
)

// Papers returns the book in the form of a store: a paper for the rubric, for each scorecard and
// for the comments of each author. So two people who write at once change different papers.
func (b Book) Papers() (map[string][]byte, error) {
	parts := map[string]any{}
	if len(b.Rubric.Criteria) > 0 {
		parts[rubricPaper] = b.Rubric
	}
	for _, c := range b.Cards {
		parts[cardPrefix+c.Author.ID] = c
	}
	comments := map[string][]Comment{}
	for _, c := range b.Comments {
		comments[c.Author.ID] = append(comments[c.Author.ID], c)
	}
	for id, list := range comments {
		parts[commentsPrefix+id] = list
	}
	papers := make(map[string][]byte, len(parts))
	for name, part := range parts {
		raw, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", name, err)
		}
		papers[name] = raw
	}
	return papers, nil
}

// ReadPapers returns the book that papers are of.
func ReadPapers(papers map[string][]byte) (Book, error) {
	b := Book{Cards: []Card{}, Comments: []Comment{}}
	for name, raw := range papers {
		var err error
		switch {
		case name == rubricPaper:
			err = json.Unmarshal(raw, &b.Rubric)
		case strings.HasPrefix(name, cardPrefix):
			var c Card
			err = json.Unmarshal(raw, &c)
			b.Cards = append(b.Cards, c)
		case strings.HasPrefix(name, commentsPrefix):
			var list []Comment
			err = json.Unmarshal(raw, &list)
			b.Comments = append(b.Comments, list...)
		}
		if err != nil {
			return Book{}, fmt.Errorf("decode %.40q: %w", name, err)
		}
	}
	b.sort()
	return b, nil
}

// file is a book in a zip.
type file struct {
	Format int `json:"format"`
	Book
}

// Encode returns the book as a file.
func (b Book) Encode() ([]byte, error) {
	raw, err := json.MarshalIndent(file{Format: format, Book: b}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode scorecards: %w", err)
	}
	return append(raw, '\n'), nil
}

// Parse reads the file of Encode. Everything in the result is within the bounds of what can be
// written.
func Parse(raw []byte) (Book, error) {
	if len(raw) > MaxFile {
		return Book{}, fmt.Errorf("%w: more than %d bytes", ErrNoBook, MaxFile)
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return Book{}, fmt.Errorf("%w: %w", ErrNoBook, err)
	}
	if f.Format < 1 || f.Format > format {
		return Book{}, fmt.Errorf("%w: format %d", ErrNoBook, f.Format)
	}
	b := f.Book
	if len(b.Rubric.Criteria) > MaxRatings {
		return Book{}, fmt.Errorf("%w: %d criteria", ErrNoBook, len(b.Rubric.Criteria))
	}
	if b.Rubric.Criteria == nil {
		b.Rubric.Criteria = []question.Criterion{}
	}
	if err := b.check(); err != nil {
		return Book{}, fmt.Errorf("%w: %w", ErrNoBook, err)
	}
	b.sort()
	return b, nil
}

// check cleans what a file holds.
func (b *Book) check() error {
	cards, authors := make([]Card, 0, len(b.Cards)), map[string]bool{}
	for _, c := range b.Cards {
		var err error
		if c.Draft, err = c.Clean(); err != nil {
			return err
		}
		if !session.ValidName(c.Author.ID) || authors[c.Author.ID] || c.Version < 1 || !known(c.SavedAt.Year()) || !known(c.SubmittedAt.Year()) {
			return errors.New("bad scorecard")
		}
		authors[c.Author.ID] = true
		cards = append(cards, c)
	}
	comments, ids := make([]Comment, 0, len(b.Comments)), map[string]bool{}
	for _, c := range b.Comments {
		var err error
		if c.Text, err = CleanComment(c.Moment, c.Text); err != nil {
			return err
		}
		if !session.ValidName(c.Author.ID) || !session.ValidName(c.ID) || ids[c.ID] || !known(c.At.Year()) {
			return errors.New("bad comment")
		}
		ids[c.ID] = true
		comments = append(comments, c)
	}
	b.Cards, b.Comments = cards, comments
	return nil
}

// known reports whether JSON can express a time of the year.
func known(year int) bool { return year >= 1 && year <= 9999 }
