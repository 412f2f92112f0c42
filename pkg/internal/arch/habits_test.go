package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// One version of each tool stands in one file; whatever else names one agrees with it.
func TestToolVersionsAgree(t *testing.T) {
	t.Parallel()
	goVersion, node := strings.TrimSpace(read(t, ".go-version")), strings.TrimSpace(read(t, ".nvmrc"))
	for _, version := range []string{goVersion, node} {
		if !regexp.MustCompile(`^\d+\.\d+$`).MatchString(version) {
			t.Errorf("version %q: deploy/tasks/toolchain.sh compares major.minor", version)
		}
	}
	for name, want := range map[string]string{
		"Makefile":          "$(shell cat .go-version)\nNODE_WANTED := $(shell cat .nvmrc)\n",
		"go.mod":            "\ngo " + goVersion + ".",
		"deploy/Dockerfile": "FROM golang:" + goVersion + "-",
		"ui/package.json":   `"node": ">=` + node + `"`,
	} {
		if !strings.Contains(read(t, name), want) {
			t.Errorf("%s does not say %q, but .go-version is %s and .nvmrc %s", name, want, goVersion, node)
		}
	}
	readme := read(t, "README.md")
	for _, want := range []string{`Go\b\S* ` + regexp.QuoteMeta(goVersion) + `\b`, `Node(\.js)?\b\S* ` + regexp.QuoteMeta(node) + `\b`} {
		if !regexp.MustCompile(want).MatchString(readme) {
			t.Errorf("README.md names other versions: nothing fits %s", want)
		}
	}
}

// What is marked as generated is there, so that a file that moves takes its mark along.
func TestMarksOfGeneratedFilesLeadSomewhere(t *testing.T) {
	t.Parallel()
	marks := 0
	for line := range strings.Lines(read(t, ".gitattributes")) {
		pattern, attributes, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(pattern, "#") || !strings.Contains(attributes, "linguist-generated") {
			continue
		}
		marks++
		files, err := filepath.Glob(filepath.Join(root(t), strings.ReplaceAll(pattern, "**", "*")))
		if err != nil || len(files) == 0 {
			t.Errorf(".gitattributes marks %s, which is not there (%v)", pattern, err)
		}
	}
	if marks < 5 {
		t.Errorf("only %d marks were found", marks)
	}
}

// workflow is what the tests read of a hosted workflow.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Timeout     int `yaml:"timeout-minutes"`
		Steps       []struct{ Uses, Run string }
	}
}

// The hosted workflow runs .ci/run and nothing of its own, with the rights to read and no more.
func TestHostedWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root(t), ".github/workflows/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	pinned := regexp.MustCompile(`^actions/[a-z-]+@v\d+$`)
	for _, file := range files {
		name := ".github/workflows/" + filepath.Base(file)
		var w workflow
		if err := yaml.Unmarshal([]byte(read(t, name)), &w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s has the permissions %v, wanted is contents: read alone", name, w.Permissions)
		}
		var runs []string
		for id, job := range w.Jobs {
			if job.Timeout == 0 || len(job.Permissions) > 0 {
				t.Errorf("%s: job %s wants a timeout-minutes and no permissions of its own", name, id)
			}
			for _, s := range job.Steps {
				if s.Uses != "" && !pinned.MatchString(s.Uses) {
					t.Errorf("%s: %s is not pinned by its major version", name, s.Uses)
				}
				if s.Run != "" && !strings.HasPrefix(s.Run, "apt-get ") {
					runs = append(runs, s.Run)
				}
			}
		}
		if !slices.Equal(runs, []string{".ci/run"}) {
			t.Errorf("%s runs %q, wanted is .ci/run alone", name, runs)
		}
	}
}

// lists are the files that name dependencies, and the ecosystem that keeps each up to date.
var lists = map[string]string{"go.mod": "gomod", "package.json": "npm", "Dockerfile": "docker", "compose.yaml": "docker-compose"}

// Every list of dependencies is kept up to date, and every entry of the configuration has a list.
func TestDependencyUpdatesCoverEveryList(t *testing.T) {
	t.Parallel()
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	covered := []string{}
	for _, u := range config.Updates {
		for _, dir := range append(u.Directories, u.Directory) {
			if dir != "" && u.Ecosystem != "github-actions" {
				covered = append(covered, u.Ecosystem+" "+dir)
			}
		}
	}
	wanted := []string{"gomod /"}
	eachFile(t, func(name string, _ []byte) {
		if ecosystem, ok := lists[filepath.Base(name)]; ok {
			wanted = append(wanted, ecosystem+" /"+filepath.ToSlash(filepath.Dir(name)))
		}
	})
	slices.Sort(covered)
	slices.Sort(wanted)
	if !slices.Equal(covered, wanted) {
		t.Errorf(".github/dependabot.yml covers\n%s\nthe tree has\n%s", strings.Join(covered, "\n"), strings.Join(wanted, "\n"))
	}
}

// Every target of the Makefile that a person may call has a caption, which `make` prints.
func TestTargetsHaveCaptions(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	parts := []string{"lint", "ui-modules", "test-go", "test-ui", "go-wanted", "node-wanted"} // of others
	phony := regexp.MustCompile(`(?m)^\.PHONY: ((?:.*\\\n)*.*)$`).FindStringSubmatch(makefile)
	if phony == nil {
		t.Fatal("no .PHONY in the Makefile")
	}
	for _, target := range strings.Fields(strings.ReplaceAll(phony[1], "\\", " ")) {
		if slices.Contains(parts, target) {
			continue
		}
		if !regexp.MustCompile(`(?m)^` + target + `:.* ## \S`).MatchString(makefile) {
			t.Errorf("make %s has no caption", target)
		}
	}
}

// CI runs targets of the Makefile, so that anybody can run the same by hand.
func TestCIRunsTargetsAlone(t *testing.T) {
	t.Parallel()
	_, commands, found := strings.Cut(read(t, ".ci/run"), "trap close EXIT\n")
	if !found {
		t.Fatal(".ci/run has lost its trap")
	}
	for line := range strings.Lines(commands) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "make ") {
			t.Errorf(".ci/run has %q, which is no target", line)
		}
	}
	if info, err := os.Stat(filepath.Join(root(t), ".ci/run")); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf(".ci/run cannot be run: %v", err)
	}
}
