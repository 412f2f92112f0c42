package export

import (
	"encoding/json"
	"io"
	"unicode/utf8"
)

// writeRuns writes runs as an indented JSON array. Outputs are encoded piece by piece, because JSON
// can make them six times as long.
func writeRuns(w io.Writer, runs []Run) error {
	if len(runs) == 0 {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	between := "[\n  "
	for _, r := range runs {
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
		if err := writeRun(w, r); err != nil {
			return err
		}
		between = ",\n  "
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

// writeRun writes the fields in the order of Run. Output is the last field.
func writeRun(w io.Writer, r Run) error {
	output := r.Output
	r.Output = ""
	head, err := json.MarshalIndent(r, "  ", "  ")
	if err != nil {
		return err
	}
	const tail = "\"\n  }" // the end of an empty output and of the object
	if _, err := w.Write(head[:len(head)-len(tail)]); err != nil {
		return err
	}
	if err := writeEscaped(w, output); err != nil {
		return err
	}
	_, err = io.WriteString(w, tail)
	return err
}

// writeEscaped writes s as the inside of a JSON string.
func writeEscaped(w io.Writer, s string) error {
	for s != "" {
		end := min(pieceSize, len(s))
		for end < len(s) && end > pieceSize-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		piece, err := json.Marshal(s[:end])
		if err != nil {
			return err
		}
		if _, err := w.Write(piece[1 : len(piece)-1]); err != nil {
			return err
		}
		s = s[end:]
	}
	return nil
}
