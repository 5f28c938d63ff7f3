package main

import "testing"

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"func a() {\n\treturn \"ü 👩‍🚀\"\n}\r\n": "func a() {\n\treturn \"ü 👩‍🚀\"\n}\r\n",
		"\x1b[2J\x1b]52;c;cm0=\a":               `\x1b[2J\x1b]52;c;cm0=\x07`,
		"safe\rrm -rf":                          `safe\x0drm -rf`,
		"a\b\b\x7f\u009b31m":                    `a\x08\x08\x7f\x9b31m`,
		"if \u202eadmin\u2066":                  `if \u202eadmin\u2066`,
		"broken \xff\x1b":                       "broken \uFFFD" + `\x1b`,
		"no sign of theirs: broken \xff":        "no sign of theirs: broken \xff",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
