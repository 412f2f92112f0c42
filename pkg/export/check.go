package export

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounds of an archive to replay.
const (
	maxParts    = 2000
	maxUnpacked = 1 << 30 // bytes of all parts
	maxManifest = 1 << 20
)

// Errors of Check. Each is a sentence for the person who named the file.
var (
	ErrNoBundle = errors.New("this is not an interview that Parley has exported")
	ErrNewer    = errors.New("a newer version of Parley has exported this interview")
	ErrChanged  = errors.New("the file is damaged or was changed after its export")
	ErrTooLarge = errors.New("the file is larger than an interview can be")
	ErrNoReplay = errors.New("nothing was recorded in this interview, so there is nothing to replay")
)

// Check returns why a file cannot be replayed, or nil. It reads every part once and keeps none.
func Check(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return ErrNoBundle
	}
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		parts[f.Name] = f
	}
	m, err := readManifest(parts["manifest.json"])
	switch {
	case err != nil:
		return err
	case len(z.File) > maxParts:
		return ErrTooLarge
	case len(parts) != len(z.File) || len(m.Files) != len(parts)-1:
		return ErrChanged
	}
	left := int64(maxUnpacked)
	for name, want := range m.Files {
		f := parts[name]
		if f == nil || name == "manifest.json" {
			return ErrChanged
		}
		if err := checkPart(f, want, &left); err != nil {
			return err
		}
	}
	if parts["timeline.jsonl"] == nil {
		return ErrNoReplay
	}
	return nil
}

func readManifest(f *zip.File) (m manifest, err error) {
	if f == nil {
		return m, ErrNoBundle
	}
	in, err := f.Open()
	if err != nil {
		return m, ErrNoBundle
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, maxManifest))
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Format < 1 {
		return m, ErrNoBundle
	}
	if m.Format > 1 {
		return m, fmt.Errorf("%w: format %d", ErrNewer, m.Format)
	}
	return m, nil
}

// checkPart compares a part with its hash. left is how many bytes all parts may still have.
func checkPart(f *zip.File, want string, left *int64) error {
	in, err := f.Open()
	if err != nil {
		return ErrChanged
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(in, *left+1))
	if *left -= n; *left < 0 {
		return ErrTooLarge
	}
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != want {
		return ErrChanged
	}
	return nil
}
