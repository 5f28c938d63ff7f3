package lsptest

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "rewrite the want sections of the scenarios")

// leaks fails the test if goroutines are left that were not there before.
func leaks(t *testing.T, before goleak.Option) {
	t.Helper()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenario/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			before := goleak.IgnoreCurrent()
			out, err := Run(t.Context(), s, t.TempDir())
			leaks(t, before)
			if err != nil {
				t.Error(err)
			}
			if *update && err == nil {
				err = os.WriteFile(file, s.Update(out.Want, out.Order), 0o666)
			} else if diff := compare(s.Want, out.Want); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if err != nil || t.Failed() {
				t.Logf("%s\nlog of the server:\n%s", s.Comment, out.Log)
			}
		})
	}
}

// compare shows the difference of two sets of files with all marks visible.
func compare(want, got map[string]string) string {
	render := func(files map[string]string) string {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(files)) {
			b.WriteString("-- " + name + " --\n")
			if files[name] == gone {
				b.WriteString("(gone)\n")
			} else {
				b.WriteString(visible(files[name]))
			}
		}
		return b.String()
	}
	return cmp.Diff(render(want), render(got))
}
