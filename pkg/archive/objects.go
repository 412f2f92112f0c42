package archive

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors of Objects. Any other error means that the place cannot be reached right now, and that the
// call may be tried again.
var (
	ErrNoObject = errors.New("no such object")
	// ErrDenied means that the keys, or the rights of the files, do not allow this.
	ErrDenied = errors.New("access denied")
	// ErrLocked means that the place does not let go of the object: Object Lock.
	ErrLocked = errors.New("the object is locked")
	// ErrNoSpace means that the disk or the quota is full.
	ErrNoSpace = errors.New("no space left")
)

// Object describes an object in a listing.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
	// Tag differs when the content differs. It may be made of size and time.
	Tag string
}

// Objects is a place for objects. Keys are paths with slashes, in the form of CheckKey. All methods
// are safe for concurrent use.
type Objects interface {
	// Put stores what r gives under key, in place of what was there. Readers see the old object or
	// the new one, whole. When r or the place fails, nothing has changed. Put is durable when it
	// returns.
	Put(ctx context.Context, key string, r io.Reader) error

	// Get opens an object, or returns ErrNoObject. The caller closes it. A body that breaks off
	// gives an error other than io.EOF.
	Get(ctx context.Context, key string) (io.ReadCloser, error)

	// Remove removes an object. It is no error when there is none.
	Remove(ctx context.Context, key string) error

	// List calls each for every object whose key begins with prefix, in no order. It ends with the
	// first error of each.
	List(ctx context.Context, prefix string, each func(Object) error) error

	// String names the place for people, without secrets.
	String() string
}

// CheckKey reports whether key is a path that every place takes: parts of letters, digits, dots,
// hyphens and underscores, none of which begins with a dot.
func CheckKey(key string) bool {
	start := true
	for _, c := range []byte(key) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
			start = false
		case c == '.' && !start:
		case c == '/' && !start:
			start = true
		default:
			return false
		}
	}
	return !start && len(key) <= maxKey
}

const maxKey = 512
