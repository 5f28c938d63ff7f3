package imports

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

var fuzzedLanguages = []struct{ language, path string }{
	{"go", "a/a.go"}, {"typescriptreact", "src/a.tsx"}, {"python", "shop/a.py"}, {"javascript", "src/a.js"},
}

// FuzzSettle: whatever the file and the new code are, settling the imports does not
// panic; its edits can be applied, a text that parsed still does, and what was
// settled once has nothing to be moved or added again.
func FuzzSettle(f *testing.F) {
	ws, root := workspacetest.Project(f, workspace.Options{NoWatch: true}, map[string]string{
		"go.mod": "module example.com/m\n", "store/store.go": "package store\n\nfunc Open() {}\n",
		"package.json": `{"dependencies":{"react":"19"}}`, "src/money.ts": "export function money(n: number) { return n; }\nexport default function Price() {}\n",
		"shop/cart.py": "class Cart:\n    pass\n", "shop/__init__.py": "",
	})
	snap := ws.Snapshot()
	for lang, seeds := range [][][3]string{
		{
			{"package a\n\nimport \"fmt\"\n\n", "import \"os\"\n\nfunc F() { fmt.Println(os.Args, strings.ToUpper(\"\")) }\n", "\nfunc G() {}\n"},
			{"package a\r\n\r\n", "func F() { store.Open() }\r\n", ""},
			{"// Package a.\npackage a\n\nimport (\n\t\"fmt\"\n)\n", "import (\n\tx \"os\"\n)\nvar _ = x.Args", "\nvar _ = fmt.Sprint()\n"},
			{"", "package a\n\nimport (\"os\"; \"io\")\n\nvar _ = os.Args\n", ""},
		},
		{
			{"import { useState } from 'react';\n\n", "import React from 'react';\nexport const A = () => { useEffect(() => {}); return <Price n={money(1)} />; };\n", ""},
			{"'use client'\n", "const a = money(1);", "\nfunction b() {}\n"},
			{"", "import type { X } from './x'\nimport './a.css'\nlet x: X\n", ""},
		},
		{
			{"\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\nimport os\n\n\n", "import json\nfrom shop import cart\n\ndef f():\n    return json.dumps(Cart(), re.compile(''))\n", "\n\ndef g():\n    pass\n"},
			{"#!/usr/bin/env python\n", "def f():\n    import sys\n    return sys.argv, dataclass\n", ""},
			{"from os import (\n    path,\n)\n", "from os import (sep,\n  path)\nx = sep", ""},
		},
		{
			{"const a = require('a');\n", "import b from 'b';\nb(a, money);\n", ""},
		},
	} {
		for _, s := range seeds {
			f.Add(uint8(lang), s[0], s[1], s[2], false)
			f.Add(uint8(lang), s[0], s[1], s[2], true)
		}
	}
	f.Fuzz(func(t *testing.T, lang uint8, before, code, after string, fresh bool) {
		l := fuzzedLanguages[int(lang)%len(fuzzedLanguages)]
		whole := before + code + after
		file := &workspace.File{Path: filepath.Join(root, filepath.FromSlash(l.path)), Root: root, Language: l.language, Text: whole}
		res := Settle(t.Context(), snap, file, before, code, after, fresh)
		head, err := text.Apply(before, res.Head)
		if err != nil {
			t.Fatalf("%v: %+v of %q", err, res.Head, before)
		}
		now := head + res.Code + after
		// Grammars read on across what they do not know, so only whole lines of what
		// parses tell something.
		if before != "" && !strings.HasSuffix(before, "\n") || after != "" && !strings.HasSuffix(code, "\n") || syntax.Problems(l.language, whole) > 0 {
			return
		}
		if n := syntax.Problems(l.language, now); n > 0 {
			t.Fatalf("%d problems, and none before:\n%s\n--- became ---\n%s", n, whole, now)
		}
		again := Settle(t.Context(), snap, file, head, res.Code, after, fresh)
		if len(again.Added) > 0 {
			t.Fatalf("added again: %q, in\n%s", again.Added, now)
		}
	})
}
