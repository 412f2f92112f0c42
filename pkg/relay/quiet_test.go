package relay_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// veiled is the grant of a candidate whose typing quiet time hides.
func veiled(participant string) relay.Grant {
	g := ack(participant)
	g.Veiled = true
	return g
}

func observer(participant string) relay.Grant {
	return relay.Grant{Participant: participant, Role: "observer", ReadOnly: true, Exclusive: true}
}

func quietFor(d time.Duration) relay.Quiet {
	return relay.Quiet{Until: time.Now().Add(d), Open: map[string]bool{"ada": true}, Version: time.Now().UnixMilli()}
}

func wantTexts(t *testing.T, want string, clients ...*relaytest.Client) {
	t.Helper()
	for i, c := range clients {
		if got := c.Text(); got != want {
			t.Errorf("client %d has %q, want %q", i, got, want)
		}
	}
}

func TestQuietTimeHidesTheTypingOfCandidates(t *testing.T) {
	for name, end := range map[string]func(b bench){
		"its time is over": func(bench) { <-time.After(5 * time.Minute) },
		"it is ended": func(b bench) {
			<-time.After(time.Minute)
			b.relay.Quiet(room.Session, relay.Quiet{Version: time.Now().UnixMilli()})
		},
		"an older record says that it never was": func(b bench) {
			b.relay.Quiet(room.Session, relay.Quiet{Version: 1})
			b.settle()
			<-time.After(5 * time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, relay.Options{}, func(b bench) {
				lead, eye := b.connect(leader("ada"), nil), b.connect(observer("eve"), nil)
				one, two := b.connect(veiled("bob"), nil), b.connect(veiled("bea"), nil)
				all := []*relaytest.Client{lead, eye, one, two}
				one.Type("before.")
				b.settle(all...)
				b.relay.Quiet(room.Session, quietFor(4*time.Minute))
				one.Edit(func(d *crdt.Doc) {
					_ = d.Text("file:main").Delete(0, 1)
					_ = d.Text("file:main").Insert(0, "X")
				})
				two.Type("more.")
				b.settle(all...)
				wantTexts(t, "before.", lead, eye)
				if one.Text() != two.Text() || len(one.Text()) != len("before.more.") {
					t.Errorf("the candidates have %q and %q", one.Text(), two.Text())
				}
				lead.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "lead ") })
				b.settle(all...)
				wantTexts(t, "lead before.", lead, eye)
				if !strings.Contains(one.Text(), "lead ") || one.Text() != two.Text() || b.stored() != one.Text() {
					t.Errorf("the candidates have %q and %q, stored is %q", one.Text(), two.Text(), b.stored())
				}
				end(b)
				b.settle(all...)
				wantTexts(t, one.Text(), all...)
				two.Type("after")
				b.settle(all...)
				wantTexts(t, b.text(), all...)
				if b.text() != two.Text() || b.stored() != two.Text() {
					t.Errorf("the server has %q, stored is %q", b.text(), b.stored())
				}
			})
		})
	}
}

// Others see that somebody is there, and when they asked for it, and not where.
func TestQuietTimeHidesCursors(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		lead, one, two := b.connect(leader("ada"), nil), b.connect(veiled("bob"), nil), b.connect(veiled("bea"), nil)
		state := func(n int) string {
			return fmt.Sprintf(`{"user":{"id":"bob","name":"Bob"},"file":"main","quiet":%[1]d,"view":%[1]d,"selection":%[2]s,"selections":[%[1]d]}`, n, selection(position(`"file:main"`, "null"), position(`"file:main"`, "null")))
		}
		one.Publish(state(1))
		b.settle(lead, one, two)
		id := one.Doc.ClientID()
		if got := lead.State(id); got != state(1) {
			t.Fatalf("before, others see %s", got)
		}
		b.relay.Quiet(room.Session, quietFor(4*time.Minute))
		one.Publish(state(2))
		lead.Publish(`{"user":{"id":"ada"},"view":7}`)
		b.settle(lead, one, two)
		late := b.connect(observer("eve"), nil)
		for name, c := range map[string]*relaytest.Client{"lead": lead, "who came later": late} {
			if got := c.State(id); !strings.Contains(got, `"name":"Bob"`) || !strings.Contains(got, `"quiet":2`) || strings.Contains(got, "view") || strings.Contains(got, "selections") || strings.Contains(got, "tname") {
				t.Errorf("%s sees %s", name, got)
			}
		}
		if got := two.State(id); got != state(2) {
			t.Errorf("another candidate sees %s", got)
		}
		if got := one.State(lead.Doc.ClientID()); !strings.Contains(got, `"view":7`) {
			t.Errorf("the candidate sees of the interviewer %s", got)
		}
		b.relay.Quiet(room.Session, relay.Quiet{Version: time.Now().UnixMilli()})
		one.Publish(state(3))
		b.settle(lead, one, two, late)
		if got := lead.State(id); got != state(3) {
			t.Errorf("afterwards others see %s", got)
		}
	})
}

// Who joins or reloads gets the text from before, with what is not hidden. Who reads slowly gets no
// more.
func TestQuietTimeHoldsForThoseWhoComeLater(t *testing.T) {
	inBubble(t, relay.Options{MaxOutboxBytes: 500, MessagesPerSecond: -1}, func(b bench) {
		lead, one := b.connect(leader("ada"), nil), b.connect(veiled("bob"), nil)
		one.Type("before.")
		b.settle(lead, one)
		b.relay.Quiet(room.Session, quietFor(4*time.Minute))
		one.Type("hidden.")
		lead.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "lead ") })
		b.settle(lead, one)
		late, other := b.connect(observer("eve"), nil), b.connect(veiled("bea"), nil)
		again := b.connect(leader("ada"), lead.Doc)
		wantTexts(t, "lead before.", late, lead, again)
		wantTexts(t, one.Text(), other)
		late.SetWindow(0)
		for range 100 {
			one.Type("more hidden. ")
			lead.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "and again ") })
			b.settle(lead, one)
		}
		late.SetWindow(-1)
		b.settle(lead, one, late, other)
		want := strings.Repeat("and again ", 100) + "lead before."
		wantTexts(t, want, late, lead)
		<-time.After(5 * time.Minute)
		b.settle(lead, one, late, other, again)
		wantTexts(t, b.text(), lead, one, late, other)
	})
}

// A room that opens during the quiet time keeps it from then on.
func TestQuietTimeOfARoomThatOpensLater(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		confirmed := func(g relay.Grant) relay.Grant {
			q := quietFor(4 * time.Minute)
			g.Confirm = b.confirmQuiet(q)
			return g
		}
		one := b.connect(confirmed(veiled("bob")), nil)
		one.Type("early.")
		b.settle(one)
		lead := b.connect(confirmed(leader("ada")), nil)
		one.Type("hidden.")
		b.settle(one, lead)
		wantTexts(t, "", lead)
		<-time.After(5 * time.Minute)
		b.settle(one, lead)
		wantTexts(t, "early.hidden.", one, lead)
	})
}

func TestQuietTimeCrossesNodes(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		one, two := f.connect(0, veiled("bob"), nil), f.connect(1, veiled("bea"), nil)
		lead, eye := f.connect(1, leader("ada"), nil), f.connect(0, observer("eve"), nil)
		all := []*relaytest.Client{one, two, lead, eye}
		one.Type("before.")
		f.settle(all...)
		for _, r := range f.relays {
			r.Quiet(room.Session, quietFor(4*time.Minute))
		}
		one.Type("hidden.")
		one.Publish(`{"user":{"id":"bob"},"view":1}`)
		f.settle(all...)
		wantTexts(t, "before.hidden.", one, two)
		wantTexts(t, "before.", lead, eye)
		if got := lead.State(one.Doc.ClientID()); got == "" || strings.Contains(got, "view") {
			t.Errorf("on the other node others see %s", got)
		}
		lead.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "lead ") })
		f.settle(all...)
		wantTexts(t, "lead before.", lead, eye)
		wantTexts(t, "lead before.hidden.", one, two)
		<-time.After(5 * time.Minute)
		f.settle(all...)
		f.wantText("lead before.hidden.", all...)
	})
}

// The notes and other documents are not concerned.
func TestQuietTimeIsAboutTheMainDocument(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		board := relay.RoomID{Session: room.Session, Doc: "board"}
		one, lead := relaytest.Connect(b.relay, board, veiled("bob"), nil), relaytest.Connect(b.relay, board, leader("ada"), nil)
		one.Hello()
		lead.Hello()
		b.settle(one, lead)
		b.relay.Quiet(room.Session, quietFor(4*time.Minute))
		one.Type("seen")
		b.settle(one, lead)
		wantTexts(t, "seen", lead)
	})
}

// confirmQuiet is a Grant.Confirm that has read a record with quiet time.
func (b bench) confirmQuiet(q relay.Quiet) func(context.Context) error {
	return func(context.Context) error {
		b.relay.Quiet(room.Session, q)
		return nil
	}
}

// Readers without a connection see what others see, and their edits build on that.
func TestQuietTimeHoldsForReadersAndEditsOfTheServer(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		lead, one := b.connect(leader("ada"), nil), b.connect(veiled("bob"), nil)
		one.Type("before.")
		b.settle(lead, one)
		quiet := quietFor(4 * time.Minute)
		b.relay.Quiet(room.Session, quiet)
		one.Type("hidden.")
		if err := b.relay.Edit(b.Context(), room, "bob", func(d *crdt.Doc) error { return d.Text("file:main").Insert(0, "by the server.") }); err != nil {
			t.Fatal(err)
		}
		b.settle(lead, one)
		read := func(as relay.Sight) string {
			t.Helper()
			var text string
			if err := b.relay.View(b.Context(), room, as, func(d *crdt.Doc) { text = d.Text("file:main").String() }); err != nil {
				t.Fatal(err)
			}
			made, err := b.relay.Copy(b.Context(), room, as)
			if err != nil {
				t.Fatal(err)
			}
			if got := made.Text("file:main").String(); got != text {
				t.Errorf("a copy has %q, a view %q", got, text)
			}
			return text
		}
		shown := relay.Sight{Shown: true, Quiet: quiet}
		if got := read(shown); got != "before." {
			t.Errorf("shown is %q", got)
		}
		if got := read(relay.Sight{}); got != one.Text() {
			t.Errorf("the candidate reads %q", got)
		}
		err := b.relay.Edit(b.Context(), room, "ada", func(d *crdt.Doc) error {
			if got := d.Text("file:main").String(); got != "before." {
				t.Errorf("an edit of the interviewer builds on %q", got)
			}
			return d.Text("file:main").Insert(0, "lead ")
		})
		if err != nil {
			t.Fatal(err)
		}
		b.settle(lead, one)
		wantTexts(t, "lead before.", lead)
		if !strings.Contains(one.Text(), "lead ") || !strings.Contains(one.Text(), "hidden.") || b.stored() != one.Text() || read(shown) != "lead before." {
			t.Errorf("the candidate has %q, stored is %q, shown is %q", one.Text(), b.stored(), read(shown))
		}
		b.relay.Quiet(room.Session, relay.Quiet{Version: time.Now().UnixMilli()})
		b.settle(lead, one)
		wantTexts(t, one.Text(), lead)
		if got := read(shown); got != one.Text() {
			t.Errorf("after the end an older record shows %q, want %q", got, one.Text())
		}
	})
}

// A reader opens the room while the quiet time of its record lasts.
func TestQuietTimeOfARoomThatAReaderOpens(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		quiet := quietFor(4 * time.Minute)
		shown := relay.Sight{Shown: true, Quiet: quiet}
		read := func() (text string) {
			t.Helper()
			if err := b.relay.View(b.Context(), room, shown, func(d *crdt.Doc) { text = d.Text("file:main").String() }); err != nil {
				t.Fatal(err)
			}
			return text
		}
		read()
		one := b.connect(veiled("bob"), nil)
		one.Type("hidden.")
		b.settle(one)
		if got := read(); got != "" {
			t.Errorf("the reader sees %q", got)
		}
	})
}
