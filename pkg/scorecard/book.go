package scorecard

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"parley/pkg/question"
	"parley/pkg/session"
)

// Book is everything that interviewers wrote about one session.
type Book struct {
	Rubric   question.Rubric `json:"rubric"`
	Cards    []Card          `json:"scorecards"` // in the order of sort
	Comments []Comment       `json:"comments"`   // by moment
}

// Person is who reads or writes. A person who took part more than once has several participants.
type Person struct {
	Author
	Others []string // further participants of the same person
}

// is reports whether a is the person.
func (p Person) is(a Author) bool {
	return p.ID != "" && (a.ID == p.ID || slices.Contains(p.Others, a.ID))
}

// Clone returns a book that can be changed without changing b.
func (b Book) Clone() Book {
	b.Rubric.Criteria = slices.Clone(b.Rubric.Criteria)
	b.Cards, b.Comments = slices.Clone(b.Cards), slices.Clone(b.Comments)
	return b
}

// Extend adds the criteria of further rubrics. What is there stays as it is, because people have
// rated by it.
func (b *Book) Extend(rubrics ...question.Rubric) {
	for _, r := range rubrics {
		if b.Rubric.ID == "" {
			b.Rubric.ID, b.Rubric.Title = r.ID, r.Title
		}
		for _, c := range r.Criteria {
			if len(b.Rubric.Criteria) < MaxRatings && !b.rates(c.ID) {
				b.Rubric.Criteria = append(slices.Clone(b.Rubric.Criteria), c)
			}
		}
	}
}

func (b *Book) rates(criterion string) bool {
	return slices.ContainsFunc(b.Rubric.Criteria, func(c question.Criterion) bool { return c.ID == criterion })
}

// Own returns the scorecard of a person, and false when there is none.
func (b *Book) Own(p Person) (Card, bool) {
	i := b.indexOf(p)
	if i < 0 {
		return Card{}, false
	}
	return b.Cards[i], true
}

func (b *Book) indexOf(p Person) int {
	return slices.IndexFunc(b.Cards, func(c Card) bool { return p.is(c.Author) })
}

// Write writes the scorecard of a person, in place of the version that the person has read; 0 is
// none. Writing once more what stands there changes nothing.
func (b *Book) Write(p Person, d Draft, version int64, now time.Time) (Card, error) {
	d, err := d.Clean()
	if err != nil {
		return Card{}, err
	}
	i := b.indexOf(p)
	was := Card{Author: p.Author}
	if i >= 0 {
		was = b.Cards[i]
	}
	switch {
	case i >= 0 && was.equal(d):
		return was, nil
	case was.Submitted():
		return Card{}, ErrSubmitted
	case was.Version != version:
		return Card{}, ErrChanged
	}
	for _, r := range d.Ratings {
		if !b.rates(r.Criterion) {
			return Card{}, wrong("ratings", "use the ids of the rubric of this session; there is no "+r.Criterion)
		}
	}
	is := was
	is.Draft, is.Author.Name, is.Version, is.SavedAt = d, p.Name, was.Version+1, now
	if err := fits(is); err != nil {
		return Card{}, err
	}
	if i < 0 {
		b.Cards = append(b.Cards, is)
	} else {
		b.Cards[i] = is
	}
	b.sort()
	return is, nil
}

// Submit submits the scorecard of a person as that person has read it. A scorecard that is
// submitted already stays as it is.
func (b *Book) Submit(p Person, version int64, now time.Time) (_ Card, first bool, err error) {
	i := b.indexOf(p)
	switch {
	case i < 0:
		return Card{}, false, ErrNoCard
	case b.Cards[i].Submitted():
		return b.Cards[i], false, nil
	case b.Cards[i].Version != version:
		return Card{}, false, ErrChanged
	case b.Cards[i].Decision == "":
		return Card{}, false, wrong("decision", "decide first; not_assessed is a decision too")
	}
	card := b.Cards[i]
	card.SubmittedAt, card.Version = now, card.Version+1
	b.Cards[i] = card
	b.sort()
	return card, true, nil
}

// Remark adds a comment. A comment of the person with that id stays as it is, so that a call can be
// repeated. An empty id stands for a new one.
func (b *Book) Remark(p Person, id string, moment int64, text string, now time.Time) (Comment, error) {
	text, err := CleanComment(moment, text)
	if err != nil {
		return Comment{}, err
	}
	if id == "" {
		id = newID()
	} else if !session.ValidName(id) {
		return Comment{}, wrong("id", "use at most 64 letters, digits, - and _")
	}
	own := []Comment{}
	for _, c := range b.Comments {
		switch {
		case c.ID == id && p.is(c.Author):
			return c, nil
		case c.ID == id:
			return Comment{}, wrong("id", "use another id: this one is taken")
		case p.is(c.Author):
			own = append(own, c)
		}
	}
	c := Comment{ID: id, Author: p.Author, Moment: moment, Text: text, At: now}
	if len(own) >= MaxComments || fits(append(own, c)) != nil {
		return Comment{}, ErrFull
	}
	b.Comments = append(b.Comments, c)
	b.sort()
	return c, nil
}

// Withdraw removes a comment of the person.
func (b *Book) Withdraw(p Person, id string) error {
	i := slices.IndexFunc(b.Comments, func(c Comment) bool { return c.ID == id && p.is(c.Author) })
	if i < 0 {
		return ErrNoComment
	}
	b.Comments = slices.Delete(slices.Clone(b.Comments), i, i+1)
	return nil
}

// For returns what a person may see: what the person wrote and, once the own scorecard is
// submitted, what others submitted, with all comments.
func (b Book) For(p Person) Book {
	own, ok := b.Own(p)
	open := ok && own.Submitted()
	seen := Book{Rubric: b.Rubric, Cards: []Card{}, Comments: []Comment{}}
	for _, c := range b.Cards {
		if p.is(c.Author) || open && c.Submitted() {
			seen.Cards = append(seen.Cards, c)
		}
	}
	for _, c := range b.Comments {
		if p.is(c.Author) || open {
			seen.Comments = append(seen.Comments, c)
		}
	}
	return seen
}

// Forget gives an author another name.
func (b *Book) Forget(participant, name string) {
	*b = b.Clone()
	for i := range b.Cards {
		if b.Cards[i].Author.ID == participant {
			b.Cards[i].Author.Name = name
		}
	}
	for i := range b.Comments {
		if b.Comments[i].Author.ID == participant {
			b.Comments[i].Author.Name = name
		}
	}
}

// sort puts scorecards in the order in which they were submitted, drafts last, and comments in the
// order of their moments.
func (b *Book) sort() {
	slices.SortStableFunc(b.Cards, func(x, y Card) int {
		if x.Submitted() != y.Submitted() {
			if x.Submitted() {
				return -1
			}
			return 1
		}
		return cmp.Or(x.SubmittedAt.Compare(y.SubmittedAt), cmp.Compare(x.Author.ID, y.Author.ID))
	})
	slices.SortStableFunc(b.Comments, func(x, y Comment) int {
		return cmp.Or(cmp.Compare(x.Moment, y.Moment), x.At.Compare(y.At), cmp.Compare(x.Author.ID, y.Author.ID), cmp.Compare(x.ID, y.ID))
	})
}

func newID() string {
	random := make([]byte, 8)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(random)
}
