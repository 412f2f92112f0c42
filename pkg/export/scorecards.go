package export

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"parley/pkg/scorecard"
)

// The parts of an archive with what interviewers wrote.
const (
	scorecardsPart = privateDir + scorecard.FileName
	scorecardsText = privateDir + "scorecards.md"
)

// scorecardParts returns what writes each part of a book.
func scorecardParts(b scorecard.Book) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		scorecardsPart: func(w io.Writer) error {
			raw, err := b.Encode()
			if err != nil {
				return err
			}
			_, err = w.Write(raw)
			return err
		},
		scorecardsText: func(w io.Writer) error {
			_, err := io.WriteString(w, b.Markdown(escape))
			return err
		},
	}
}

func addScorecards(z *zipWriter, b scorecard.Book) {
	parts := scorecardParts(b)
	z.add(scorecardsPart, parts[scorecardsPart])
	z.add(scorecardsText, parts[scorecardsText])
}

// Scorecards returns the book of a bundle. A bundle without one gives an empty book.
func Scorecards(r io.Reader) (scorecard.Book, error) {
	bundle, err := unpack(r)
	if err != nil {
		return scorecard.Book{}, err
	}
	for _, part := range bundle.File {
		if part.Name == scorecardsPart {
			return readBook(part)
		}
	}
	return scorecard.Book{}, nil
}

func readBook(part *zip.File) (scorecard.Book, error) {
	in, err := part.Open()
	if err != nil {
		return scorecard.Book{}, ErrChanged
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, scorecard.MaxFile+1))
	if err != nil {
		return scorecard.Book{}, ErrChanged
	}
	b, err := scorecard.Parse(raw)
	if err != nil {
		return scorecard.Book{}, fmt.Errorf("%w: %w", ErrNoBundle, err)
	}
	return b, nil
}

// ReplaceScorecards copies a bundle from r to w with another book. The manifest gets the new
// hashes.
func ReplaceScorecards(ctx context.Context, r io.Reader, w io.Writer, b scorecard.Book) error {
	old, err := unpack(r)
	if err != nil {
		return err
	}
	z := &zipWriter{ctx: ctx, zip: zip.NewWriter(w), manifest: manifest{Format: 1, Files: map[string]string{}}}
	for _, part := range old.File {
		z.modified = part.Modified.UTC()
		switch part.Name {
		case "manifest.json", scorecardsPart, scorecardsText:
		default:
			z.add(part.Name, func(w io.Writer) error { return copyPart(w, part) })
		}
	}
	addScorecards(z, b)
	z.add("manifest.json", indented(z.manifest))
	return z.close()
}

func copyPart(w io.Writer, part *zip.File) error {
	in, err := part.Open()
	if err != nil {
		return ErrChanged
	}
	defer in.Close()
	_, err = io.Copy(w, in)
	return err
}

// scorecards reads the book of a bundle without the person.
func (f *forgetting) scorecards() (scorecard.Book, error) {
	part := f.parts[scorecardsPart]
	if part == nil {
		return scorecard.Book{}, fmt.Errorf("%w: no %s", ErrNoBundle, scorecardsPart)
	}
	b, err := readBook(part)
	if err == nil {
		b.Forget(f.participant, f.name)
	}
	return b, err
}
