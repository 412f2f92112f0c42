package question

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNotFound means that there is no question with that id, or only one with mistakes.
var ErrNotFound = errors.New("question not found")

// Bank holds the questions of a server: those that come with the program, and those of a directory.
// A question of the directory takes the place of one with its id that comes with the program. All
// methods are safe for concurrent use.
type Bank struct {
	// Fixed by Open.
	root *os.Root // nil: no directory
	own  fs.FS    // of root
	log  *slog.Logger

	refreshing sync.Mutex // one Refresh at a time; guards seen and rubricsNow
	seen       map[string]seen
	rubricsNow string

	mu      sync.RWMutex // guards the rest, which is replaced and never changed
	list    []Summary
	places  map[string]fs.FS
	rubrics map[string]Rubric
}

// seen is what the last look at a folder found.
type seen struct {
	mark     string // names, sizes and times of its files
	summary  Summary
	mistakes []Mistake
}

// Open returns the questions of dir, and those that come with the program. dir may be "". Questions
// with mistakes are logged and left out.
func Open(dir string, log *slog.Logger) (*Bank, error) {
	b := &Bank{log: log, seen: map[string]seen{}}
	if dir != "" {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("open the directory of questions: %w", err)
		}
		b.root, b.own = root, root.FS()
	}
	if err := b.Refresh(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close lets go of the directory.
func (b *Bank) Close() error {
	if b == nil || b.root == nil {
		return nil
	}
	return b.root.Close()
}

// List returns all questions, by title. The caller must not change the result.
func (b *Bank) List() []Summary {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.list
}

// Get reads a question as its folder is now.
func (b *Bank) Get(id string) (Question, error) {
	b.mu.RLock()
	place, rubrics := b.places[id], b.rubrics
	b.mu.RUnlock()
	if place == nil {
		return Question{}, fmt.Errorf("%w: %s", ErrNotFound, short(id))
	}
	q, mistakes := readFolder(place, id, func(id string) bool { _, ok := rubrics[id]; return ok })
	if len(mistakes) > 0 {
		return Question{}, fmt.Errorf("%w: %s", ErrNotFound, mistakes[0])
	}
	q.BuiltIn = place == builtIn
	return q, nil
}

// Rubric returns a rubric of the directory or of the program, and false when there is none.
func (b *Bank) Rubric(id string) (Rubric, bool) {
	b.mu.RLock()
	r, ok := b.rubrics[id]
	b.mu.RUnlock()
	if !ok {
		r, ok = builtInRubrics()[id]
	}
	return r, ok
}

const (
	// lookEvery is how often Watch looks at the directory.
	lookEvery = 2 * time.Second
	// lookShare bounds the time that looking takes: at most one part in lookShare.
	lookShare = 50
)

// Watch follows the directory until ctx ends. It looks at the times of the files, because network
// file systems and mounted volumes do not tell what changes on them.
func (b *Bank) Watch(ctx context.Context) {
	if b.root == nil {
		return
	}
	pause := lookEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		began := time.Now()
		if err := b.Refresh(); err != nil {
			b.log.Error("cannot read the directory of questions; the last ones stay", "err", err)
		}
		pause = max(lookEvery, lookShare*time.Since(began))
	}
}

// Refresh reads the folders that have changed. After an error everything stays as it was.
func (b *Bank) Refresh() error {
	b.refreshing.Lock()
	defer b.refreshing.Unlock()
	found, places, rubrics := map[string]Summary{}, map[string]fs.FS{}, map[string]Rubric{}
	for _, s := range builtInList() {
		found[s.ID], places[s.ID] = s, builtIn
	}
	if b.own != nil {
		ids, err := folders(b.own)
		if err != nil {
			return fmt.Errorf("read the directory of questions: %w", err)
		}
		var wrong []Mistake
		rubrics, wrong = readRubrics(b.own)
		b.note(rubrics, wrong)
		b.seen = b.lookAll(ids, rubrics)
		for id, s := range b.seen {
			if len(s.mistakes) == 0 {
				found[id], places[id] = s.summary, b.own
			}
		}
	}
	list := slices.SortedFunc(maps.Values(found), func(x, y Summary) int {
		return strings.Compare(strings.ToLower(x.Title)+"\x00"+x.ID, strings.ToLower(y.Title)+"\x00"+y.ID)
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list, b.places, b.rubrics = list, places, rubrics
	return nil
}

// note forgets what was seen when the rubrics are others, because questions name them.
func (b *Bank) note(rubrics map[string]Rubric, wrong []Mistake) {
	now := strings.Join(slices.Sorted(maps.Keys(rubrics)), " ") + fmt.Sprint(wrong)
	if now == b.rubricsNow {
		return
	}
	b.rubricsNow, b.seen = now, map[string]seen{}
	for _, m := range wrong {
		b.log.Error("a rubric is left out", "mistake", m.String())
	}
}

// readersAtOnce is how many folders are read at a time. A look waits for the disk or the network
// most of the time.
const readersAtOnce = 8

// lookAll looks at folders, some at a time.
func (b *Bank) lookAll(ids []string, rubrics map[string]Rubric) map[string]seen {
	looks := make([]seen, len(ids))
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(readersAtOnce, len(ids)) {
		readers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(ids)); i = next.Add(1) - 1 {
				looks[i] = b.look(ids[i], rubrics)
			}
		})
	}
	readers.Wait()
	now := make(map[string]seen, len(ids))
	for i, id := range ids {
		now[id] = looks[i]
	}
	return now
}

// look reads a folder, unless it is as it was.
func (b *Bank) look(id string, rubrics map[string]Rubric) seen {
	mark := markOf(b.own, id)
	if was, ok := b.seen[id]; ok && was.mark == mark {
		return was
	}
	q, mistakes := readFolder(b.own, id, func(id string) bool { _, ok := rubrics[id]; return ok })
	for _, m := range mistakes {
		b.log.Error("a question is left out", "mistake", m.String())
	}
	return seen{mark: mark, summary: q.Summary, mistakes: mistakes}
}

// markOf changes when a file of a folder changes.
func markOf(fsys fs.FS, id string) string {
	var b strings.Builder
	_ = fs.WalkDir(fsys, id, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintf(&b, "%s %v\n", name, err)
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = fs.Stat(fsys, name)
		}
		if err != nil {
			fmt.Fprintf(&b, "%s %v\n", name, err)
			return nil
		}
		fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return b.String()
}

// folders lists the folders of questions. Files beside them, names with a dot in front and rubrics
// are no questions.
func folders(fsys fs.FS) (ids []string, err error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || name == rubricsDir || e.Type().IsRegular() {
			continue
		}
		ids = append(ids, name)
	}
	return ids, nil
}

const rubricsDir = "rubrics"

// readRubrics reads rubrics/*.yaml. Those with mistakes are left out.
func readRubrics(fsys fs.FS) (map[string]Rubric, []Mistake) {
	rubrics := map[string]Rubric{}
	var mistakes []Mistake
	entries, err := fs.ReadDir(fsys, rubricsDir)
	if err != nil {
		return rubrics, nil // there are none
	}
	for _, e := range entries {
		name := rubricsDir + "/" + e.Name()
		id, ok := strings.CutSuffix(e.Name(), ".yaml")
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "README.md" {
			continue
		}
		if !ok || !ValidID(id) {
			mistakes = append(mistakes, Mistake{name, 0, "name a rubric <id>.yaml, the id of lower-case letters, digits and hyphens"})
			continue
		}
		raw, err := readRegular(fsys, name, MaxMeta)
		if err != nil {
			mistakes = append(mistakes, Mistake{name, 0, unreadable(err)})
			continue
		}
		r, wrong := readRubric(name, id, raw)
		if mistakes = append(mistakes, wrong...); len(wrong) == 0 {
			rubrics[id] = r
		}
	}
	return rubrics, mistakes
}

// Check reads every question and rubric of a directory and returns how many questions are good and
// all mistakes.
func Check(dir string) (good int, mistakes []Mistake, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, nil, err
	}
	defer root.Close()
	return checkFS(root.FS())
}

func checkFS(fsys fs.FS) (good int, mistakes []Mistake, err error) {
	ids, err := folders(fsys)
	if err != nil {
		return 0, nil, err
	}
	rubrics, mistakes := readRubrics(fsys)
	for _, id := range ids {
		_, wrong := readFolder(fsys, id, func(id string) bool { _, ok := rubrics[id]; return ok })
		if mistakes = append(mistakes, wrong...); len(wrong) == 0 {
			good++
		}
	}
	return good, mistakes, nil
}
