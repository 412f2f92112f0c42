package scorecard_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/pkg/question"
	"parley/pkg/scorecard"
	"parley/pkg/session"
)

var (
	epoch = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	ada   = scorecard.Person{Author: scorecard.Author{ID: "ada", Name: "Ada"}, Others: []string{"ada-again"}}
	grace = scorecard.Person{Author: scorecard.Author{ID: "grace", Name: "Grace"}}
)

func newBook() scorecard.Book {
	b := scorecard.Book{}
	b.Extend(question.General())
	return b
}

func rated(words string) scorecard.Draft {
	return scorecard.Draft{Decision: scorecard.Yes, Words: words, Ratings: []scorecard.Rating{{Criterion: "code", Level: 3, Evidence: "reads well", Moments: []int64{5000, 1000, 5000}}}}
}

func mustWrite(t *testing.T, b *scorecard.Book, p scorecard.Person, d scorecard.Draft, version int64) scorecard.Card {
	t.Helper()
	c, err := b.Write(p, d, version, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Of two tabs the slower one does not overwrite the faster one, and a call can be repeated.
func TestWriteByVersion(t *testing.T) {
	t.Parallel()
	b := newBook()
	first := mustWrite(t, &b, ada, rated("first"), 0)
	if first.Version != 1 || len(first.Ratings[0].Moments) != 2 || first.Ratings[0].Moments[0] != 1000 {
		t.Errorf("first %+v", first)
	}
	if again := mustWrite(t, &b, ada, rated("first"), 0); again.Version != 1 {
		t.Errorf("repeated %+v", again)
	}
	again := ada
	again.ID, again.Others = "ada-again", []string{"ada"}
	if second := mustWrite(t, &b, again, rated("second"), 1); second.Version != 2 || second.Author.ID != "ada" || len(b.Cards) != 1 {
		t.Errorf("from another browser %+v of %d", second, len(b.Cards))
	}
	if _, err := b.Write(ada, rated("slow"), 1, epoch); !errors.Is(err, scorecard.ErrChanged) {
		t.Errorf("an old version: %v", err)
	}
	if own, _ := b.Own(ada); own.Words != "second" {
		t.Errorf("stands there: %q", own.Words)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	b := newBook()
	if _, _, err := b.Submit(ada, 0, epoch); !errors.Is(err, scorecard.ErrNoCard) {
		t.Errorf("nothing: %v", err)
	}
	d := rated("x")
	d.Decision = ""
	mustWrite(t, &b, ada, d, 0)
	if _, _, err := b.Submit(ada, 1, epoch); !errors.As(err, new(*session.FieldError)) {
		t.Errorf("no decision: %v", err)
	}
	mustWrite(t, &b, ada, rated("x"), 1)
	if _, _, err := b.Submit(ada, 1, epoch); !errors.Is(err, scorecard.ErrChanged) {
		t.Errorf("another version: %v", err)
	}
	c, first, err := b.Submit(ada, 2, epoch)
	if err != nil || !first || !c.SubmittedAt.Equal(epoch) {
		t.Errorf("%+v, %v, %v", c, first, err)
	}
	if again, first, err := b.Submit(ada, 2, epoch.Add(time.Hour)); err != nil || first || again.SubmittedAt != c.SubmittedAt {
		t.Errorf("again %+v, %v, %v", again, first, err)
	}
	if _, err := b.Write(ada, rated("y"), c.Version, epoch); !errors.Is(err, scorecard.ErrSubmitted) {
		t.Errorf("change what is submitted: %v", err)
	}
	if _, err := b.Write(ada, rated("x"), c.Version, epoch); err != nil {
		t.Errorf("a save that was on its way: %v", err)
	}
}

// Others' scorecards and comments show once the own scorecard is submitted, drafts never.
func TestFor(t *testing.T) {
	t.Parallel()
	b := newBook()
	linus := scorecard.Person{Author: scorecard.Author{ID: "linus", Name: "Linus"}}
	mustWrite(t, &b, grace, rated("of Grace"), 0)
	mustWrite(t, &b, linus, rated("of Linus"), 0)
	mustWrite(t, &b, ada, rated("of Ada"), 0)
	for _, p := range []scorecard.Person{ada, grace} {
		if _, err := b.Remark(p, "", 1000, "by "+p.Name, epoch); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.Submit(grace, 1, epoch); err != nil {
		t.Fatal(err)
	}
	check := func(name string, p scorecard.Person, want string) {
		t.Helper()
		var got []string
		for _, c := range b.For(p).Cards {
			got = append(got, c.Author.Name)
		}
		for _, c := range b.For(p).Comments {
			got = append(got, c.Text)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s sees %v, want %s", name, got, want)
		}
	}
	check("nobody", scorecard.Person{}, "")
	check("Ada before", ada, "Ada, by Ada")
	check("Grace", grace, "Grace, by Ada, by Grace")
	if _, _, err := b.Submit(ada, 1, epoch.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	check("Ada after", ada, "Grace, Ada, by Ada, by Grace")
	check("Linus", linus, "Linus")
}

func TestComments(t *testing.T) {
	t.Parallel()
	b := newBook()
	c, err := b.Remark(ada, "own-1", 7000, "later\x00\u202e\r\nline", epoch)
	if err != nil || c.Text != "later\nline" {
		t.Errorf("%+v, %v", c, err)
	}
	if again, err := b.Remark(ada, "own-1", 1, "x", epoch); err != nil || again.Text != c.Text || len(b.Comments) != 1 {
		t.Errorf("repeated %+v, %v", again, err)
	}
	if _, err := b.Remark(grace, "own-1", 1, "x", epoch); !errors.As(err, new(*session.FieldError)) {
		t.Errorf("the id of another: %v", err)
	}
	if err := b.Withdraw(grace, "own-1"); !errors.Is(err, scorecard.ErrNoComment) {
		t.Errorf("withdraw another's: %v", err)
	}
	for _, bad := range []struct {
		moment int64
		text   string
	}{{-1, "x"}, {scorecard.MaxMoment + 1, "x"}, {0, " \n"}, {0, strings.Repeat("é", scorecard.MaxComment+1)}} {
		if _, err := b.Remark(ada, "", bad.moment, bad.text, epoch); !errors.As(err, new(*session.FieldError)) {
			t.Errorf("%d %.10q: %v", bad.moment, bad.text, err)
		}
	}
	for range scorecard.MaxComments {
		if _, err = b.Remark(ada, "", 0, "x", epoch); err != nil {
			break
		}
	}
	if !errors.Is(err, scorecard.ErrFull) || len(b.Comments) != scorecard.MaxComments {
		t.Errorf("%d comments, then %v", len(b.Comments), err)
	}
	if err := b.Withdraw(ada, "own-1"); err != nil || len(b.Comments) != scorecard.MaxComments-1 {
		t.Errorf("withdraw: %v, %d left", err, len(b.Comments))
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	b := newBook()
	field := func(name string, d scorecard.Draft) {
		t.Helper()
		if _, err := b.Write(ada, d, 0, epoch); !errors.As(err, new(*session.FieldError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	field("decision", scorecard.Draft{Decision: "maybe"})
	field("words", scorecard.Draft{Words: strings.Repeat("x", scorecard.MaxWords+1)})
	field("level", scorecard.Draft{Ratings: []scorecard.Rating{{Criterion: "code", Level: 5}}})
	field("criterion", scorecard.Draft{Ratings: []scorecard.Rating{{Criterion: "charm", Level: 1}}})
	field("no id", scorecard.Draft{Ratings: []scorecard.Rating{{Criterion: "../x", Level: 1}}})
	field("twice", scorecard.Draft{Ratings: []scorecard.Rating{{Criterion: "code"}, {Criterion: "code"}}})
	field("moments", scorecard.Draft{Moments: []int64{-1}})
	large := scorecard.Draft{}
	for _, c := range b.Rubric.Criteria {
		large.Ratings = append(large.Ratings, scorecard.Rating{Criterion: c.ID, Evidence: strings.Repeat("🙂", scorecard.MaxEvidence)})
	}
	if _, err := b.Write(ada, large, 0, epoch); !errors.Is(err, scorecard.ErrFull) {
		t.Errorf("too large in all: %v", err)
	}
	if len(b.Cards) != 0 {
		t.Errorf("%d scorecards are there", len(b.Cards))
	}
}

// Criteria that people have rated by stay as they are.
func TestExtend(t *testing.T) {
	t.Parallel()
	b := newBook()
	n := len(b.Rubric.Criteria)
	b.Extend(question.Rubric{ID: "other", Title: "Other", Criteria: []question.Criterion{{ID: "code", Title: "Renamed"}, {ID: "sql", Title: "SQL"}}})
	if b.Rubric.ID != "general" || len(b.Rubric.Criteria) != n+1 || b.Rubric.Criteria[n].ID != "sql" || b.Rubric.Criteria[2].Title != "Code" {
		t.Errorf("%+v", b.Rubric)
	}
}

// A book survives both forms in which it is kept.
func TestForms(t *testing.T) {
	t.Parallel()
	b := newBook()
	mustWrite(t, &b, ada, rated("<b> of Ada"), 0)
	mustWrite(t, &b, grace, rated("of Grace"), 0)
	for _, p := range []scorecard.Person{grace, ada} {
		if _, err := b.Remark(p, "c-"+p.ID, 3_600_000, "x", epoch); err != nil {
			t.Fatal(err)
		}
	}
	want, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	papers, err := b.Papers()
	if err != nil || len(papers) != 5 {
		t.Fatalf("%d papers, %v", len(papers), err)
	}
	read, err := scorecard.ReadPapers(papers)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := scorecard.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]scorecard.Book{"papers": read, "file": parsed} {
		if raw, err := got.Encode(); err != nil || !bytes.Equal(raw, want) {
			t.Errorf("by %s: %s, %v; want %s", name, raw, err, want)
		}
	}
	text := b.Markdown(func(s string) string { return strings.ReplaceAll(s, "<", "&lt;") })
	for _, part := range []string{"## Ada: yes", "### Code: 3 of 4", "&lt;b> of Ada", "At 0:01, 0:05.", "- 1:00:00 Grace: x", "> Works, reads well"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in %s", part, text)
		}
	}
	b.Forget("ada", "Participant 1")
	if raw, _ := b.Encode(); bytes.Contains(raw, []byte(`"Ada"`)) || !bytes.Contains(raw, []byte("Participant 1")) {
		t.Errorf("not forgotten: %s", raw)
	}
}

func FuzzDraft(f *testing.F) {
	f.Add([]byte(`{"decision":"yes","words":"a\r\nb","moments":[3,1],"ratings":[{"criterion":"code","level":4,"evidence":"\u202ex","moments":[1,1]}]}`))
	f.Add([]byte(`{"ratings":[{"criterion":"code","level":-1}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d scorecard.Draft
		if json.Unmarshal(raw, &d) != nil {
			return
		}
		b := newBook()
		card, err := b.Write(ada, d, 0, epoch)
		if err != nil {
			return
		}
		clean, err := card.Draft.Clean()
		if err != nil {
			t.Fatalf("what is kept is refused: %v", err)
		}
		if again, err := b.Write(ada, clean, 0, epoch); err != nil || again.Version != 1 {
			t.Fatalf("cleaned twice it differs: %+v, %v", again, err)
		}
		file, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := scorecard.Parse(file); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func FuzzParse(f *testing.F) {
	b := newBook()
	if _, err := b.Write(ada, rated("x"), 0, epoch); err != nil {
		f.Fatal(err)
	}
	raw, err := b.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := scorecard.Parse(raw)
		if err != nil {
			return
		}
		first, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := scorecard.Parse(first)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("read again it differs: %s and %s", first, second)
		}
		b.Markdown(strings.ToUpper)
	})
}
