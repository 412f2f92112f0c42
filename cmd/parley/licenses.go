package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"parley/ui"
)

//go:embed all:notices
var notices embed.FS

// thirdParty is one third-party component in this program.
type thirdParty struct {
	Kind    string `json:"kind"` // golang, npm, runtime
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX expression
	Text    string `json:"text"`
	Note    string `json:"note"`
}

// thirdParties lists the third-party components of this program: Go modules, npm packages, and the
// components of the language runtimes.
func thirdParties(listed, runtimes fs.FS) ([]thirdParty, error) {
	raw, err := fs.ReadFile(listed, "notices/notices.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("this program was built without its list of licences; build with make build")
	}
	var all []thirdParty
	if err := errors.Join(err, json.Unmarshal(raw, &all)); err != nil {
		return nil, fmt.Errorf("read the list of licences: %w", err)
	}
	names, err := fs.Glob(runtimes, "*/runtime.json")
	if err != nil {
		return nil, fmt.Errorf("list the runtimes: %w", err)
	}
	for _, name := range names {
		var about struct {
			Title    string       `json:"title"`
			Licences []thirdParty `json:"licences"`
		}
		raw, err := fs.ReadFile(runtimes, name)
		if err := errors.Join(err, json.Unmarshal(raw, &about)); err != nil {
			return nil, fmt.Errorf("read the licences of runtime %s: %w", path.Dir(name), err)
		}
		for _, p := range about.Licences {
			p.Kind = "runtime"
			all = append(all, p)
		}
	}
	return all, nil
}

// runLicenses is the subcommand licenses: a table of the third-party components, or all texts with
// --full.
func runLicenses(args []string, _ lookup, stdout, stderr io.Writer) int {
	return showLicenses(args, notices, ui.Runtimes(), stdout, stderr)
}

func showLicenses(args []string, listed, runtimes fs.FS, stdout, stderr io.Writer) int {
	full := slices.Equal(args, []string{"--full"})
	if len(args) > 0 && !full {
		return complain(stderr, "licenses accepts only --full")
	}
	all, err := thirdParties(listed, runtimes)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	if !full {
		table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		for _, p := range all {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Kind, p.Name, p.Version, p.Licence)
		}
		table.Flush()
		fmt.Fprintln(stdout, "\nParley itself is under the MIT licence. Run parley licenses --full for all texts.")
		return exitOK
	}
	for _, p := range all {
		fmt.Fprintf(stdout, "%s\n%s %s (%s), %s\n", strings.Repeat("=", 100), p.Name, p.Version, p.Kind, p.Licence)
		for _, text := range []string{p.Note, p.Text} {
			if text != "" {
				fmt.Fprintf(stdout, "\n%s\n", text)
			}
		}
	}
	return exitOK
}

// runSBOM is the subcommand sbom: the third-party components as a CycloneDX document. The same
// program always prints the same document.
func runSBOM(args []string, _ lookup, stdout, stderr io.Writer) int {
	return showSBOM(args, notices, ui.Runtimes(), stdout, stderr)
}

func showSBOM(args []string, listed, runtimes fs.FS, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		return complain(stderr, "unexpected argument %q", args[0])
	}
	all, err := thirdParties(listed, runtimes)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	doc := bom{Format: "CycloneDX", Spec: "1.6", Version: 1}
	doc.Metadata.Component = component{Type: "application", Name: "parley", Version: versionString(), Ref: "parley", Licenses: licenceOf("MIT")}
	for _, p := range all {
		c := component{Type: "library", Name: p.Name, Version: p.Version, Licenses: licenceOf(p.Licence), Ref: p.Kind + ":" + p.Name + "@" + p.Version}
		switch p.Kind {
		case "golang":
			c.PURL = "pkg:golang/" + p.Name + "@v" + p.Version
			if p.Name == "std" {
				c.PURL = "pkg:golang/std@" + p.Version
			}
		case "npm":
			c.PURL = "pkg:npm/" + strings.Replace(p.Name, "@", "%40", 1) + "@" + p.Version
		}
		doc.Components = append(doc.Components, c)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	doc.Serial = uuid(sha256.Sum256(raw))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(doc); err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	if _, err := out.WriteTo(stdout); err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// bom is the part of CycloneDX that is used here.
type bom struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Serial   string `json:"serialNumber,omitempty"`
	Version  int    `json:"version"`
	Metadata struct {
		Component component `json:"component"`
	} `json:"metadata"`
	Components []component `json:"components"`
}

type component struct {
	Type     string          `json:"type"`
	Ref      string          `json:"bom-ref"`
	Name     string          `json:"name"`
	Version  string          `json:"version"`
	Licenses []licenceChoice `json:"licenses"`
	PURL     string          `json:"purl,omitempty"`
}

// licenceChoice is an SPDX expression, which may be a single licence.
type licenceChoice struct {
	Expression string `json:"expression"`
}

func licenceOf(expression string) []licenceChoice { return []licenceChoice{{expression}} }

// uuid makes a UUID of version 8 (custom) from a hash.
func uuid(sum [sha256.Size]byte) string {
	b := sum[:16]
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
