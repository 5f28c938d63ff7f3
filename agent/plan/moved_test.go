package plan

import "testing"

func TestSpecifier(t *testing.T) {
	packages := func(dir string) bool { return dir == "/w/shop" || dir == "/w/shop/core" }
	for _, tt := range []struct {
		name, language, spec, from, was, to, want string // "" for none that is certain
	}{
		{"a script", "typescript", "./button", "/w/src/app.ts", "/w/src/button.ts", "/w/src/ui/button.ts", "./ui/button"},
		{"a script from below", "typescript", "../button", "/w/src/x/app.ts", "/w/src/button.ts", "/w/ui/knob.ts", "../../ui/knob"},
		{"a script with its end", "typescript", "./b.css", "/w/app.ts", "/w/b.css", "/w/ui/c.css", "./ui/c.css"},
		{"what a script is compiled to", "typescript", "./button.js", "/w/src/app.ts", "/w/src/button.ts", "/w/src/ui/knob.ts", "./ui/knob.js"},
		{"what a module is compiled to", "typescript", "../button.mjs", "/w/src/x/app.mts", "/w/src/button.mts", "/w/src/knob.mts", "../knob.mjs"},
		{"a script with its own end", "typescript", "./button.ts", "/w/src/app.ts", "/w/src/button.ts", "/w/src/knob.tsx", "./knob.tsx"},
		{"a package of scripts", "typescript", "ui/button", "/w/app.ts", "/w/ui/button.ts", "/w/ui/knob.ts", ""},
		{"a module", "python", "shop.store", "/w/main.py", "/w/shop/store.py", "/w/shop/core/stock.py", "shop.core.stock"},
		{"below a source root", "python", "shop.store", "/w/src/main.py", "/w/src/shop/store.py", "/w/src/shop/stock.py", "shop.stock"},
		{"out of the source root", "python", "shop.store", "/w/src/main.py", "/w/src/shop/store.py", "/w/lib/store.py", ""},
		{"relative", "python", ".store", "/w/shop/api.py", "/w/shop/store.py", "/w/shop/core/store.py", ".core.store"},
		{"relative upwards", "python", ".store", "/w/shop/core/api.py", "/w/shop/core/store.py", "/w/shop/store.py", "..store"},
		{"relative, out of the package", "python", ".store", "/w/shop/api.py", "/w/shop/store.py", "/w/lib/store.py", ""},
		{"the package", "python", "shop", "/w/main.py", "/w/shop/store.py", "/w/shop/stock.py", ""},
		{"relative, the package", "python", ".", "/w/shop/api.py", "/w/shop/store.py", "/w/shop/stock.py", ""},
		{"a package that moves", "python", "shop", "/w/main.py", "/w/shop/__init__.py", "/w/store/__init__.py", ""},
		{"no name of a module", "python", "shop.store", "/w/main.py", "/w/shop/store.py", "/w/shop/my-store.py", ""},
		{"no module", "python", "shop.store", "/w/main.py", "/w/shop/store.py", "/w/shop/store.txt", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Moved{Was: tt.was, To: tt.to, Package: packages}.Specifier(tt.language, tt.spec, tt.from)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("%q %v, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestRespell(t *testing.T) {
	for _, tt := range []struct {
		language, src, old, spec, want string // "" for no
	}{
		{"python", "from shop.store import load\nimport shop.store as s\nfrom shop.stores import x\n", "shop.store", "shop.stock", "from shop.stock import load\nimport shop.stock as s\nfrom shop.stores import x\n"},
		{"python", "from shop.store import *\n", "shop.store", "shop.stock", "from shop.stock import *\n"},
		{"python", "import shop.store\n\nshop.store.load()\n", "shop.store", "shop.stock", ""},
		{"python", "def f():\n    from .store import (\n        load,\n    )\n", ".store", ".stock", "def f():\n    from .stock import (\n        load,\n    )\n"},
		{"typescript", "import a from \"./a\";\nexport * from './a'\n", "./a", "../b", "import a from \"../b\";\nexport * from '../b'\n"},
		{"python", "x = 1\n", "shop.store", "shop.stock", ""},
	} {
		got, ok := Respell(tt.language, tt.src, tt.old, tt.spec)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: %v\n%s", tt.src, ok, got)
		}
	}
}

func TestTake(t *testing.T) {
	names := map[string]bool{"load": true, "Row": true}
	for _, tt := range []struct {
		name, language, src, want string
		taken                     int
		unsure                    bool
	}{
		{"all of it", "typescript", "import { load } from './store';\n", "import { load } from './loader';\n", 1, false},
		{"a part of it", "typescript", "import { save, load as l, type Row } from \"./store\"\nl();\n", "import { save } from \"./store\"\nimport { load as l, type Row } from \"./loader\"\nl();\n", 2, false},
		{"types", "typescript", "import type { Row, Other } from './store';\n", "import type { Other } from './store';\nimport type { Row } from './loader';\n", 1, false},
		{"an export", "typescript", "export { load, save } from './store';\n", "export { save } from './store';\nexport { load } from './loader';\n", 1, false},
		{"lines", "typescript", "import {\n  load,\n  save,\n} from './store';\n", "import {\n  save,\n} from './store';\nimport { load } from './loader';\n", 1, false},
		{"lines, CRLF", "typescript", "import {\r\n  load,\r\n  save,\r\n} from './store';\r\n", "import {\r\n  save,\r\n} from './store';\r\nimport { load } from './loader';\r\n", 1, false},
		{"none of it", "typescript", "import { save } from './store';\n", "import { save } from './store';\n", 0, false},
		{"a namespace", "typescript", "import * as s from './store';\n", "import * as s from './store';\n", 0, true},
		{"a default as well", "typescript", "import d, { load } from './store';\n", "import d, { load } from './store';\n", 0, true},
		{"elsewhere", "typescript", "import { load } from './other';\n", "import { load } from './other';\n", 0, false},
		{"a comment in the list", "typescript", "import {\n  save,\n  load // of the disk\n} from './store';\n", "import {\n  save,\n  load // of the disk\n} from './store';\n", 0, true},
		{"a comment before a name", "typescript", "import {\n  // of the disk\n  load,\n  save,\n} from './store';\n", "import {\n  // of the disk\n  load,\n  save,\n} from './store';\n", 0, true},
		{"Python, all of it", "python", "from store import load\n", "from loader import load\n", 1, false},
		{"Python, a part of it", "python", "def f():\n    from store import save, load as l\n    l()\n", "def f():\n    from store import save\n    from loader import load as l\n    l()\n", 1, false},
		{"Python, lines", "python", "from store import (\n    load,\n    save,\n)\nx = 1\n", "from store import (\n    save,\n)\nfrom loader import load\nx = 1\n", 1, false},
		{"Python, lines, CRLF", "python", "from store import (\r\n    load,\r\n    save,\r\n)\r\n", "from store import (\r\n    save,\r\n)\r\nfrom loader import load\r\n", 1, false},
		{"Python, a comment", "python", "from store import load, save  # both\n", "from store import save\nfrom loader import load  # both\n", 1, false},
		{"Python, the module", "python", "import store\n", "import store\n", 0, true},
		{"Python, everything", "python", "from store import *\n", "from store import *\n", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, spec := "./store", "./loader"
			if tt.language == "python" {
				old, spec = "store", "loader"
			}
			got, taken, sure := Take(tt.language, tt.src, old, spec, names)
			if got != tt.want || taken != tt.taken || sure == tt.unsure {
				t.Errorf("%d taken, sure %v\n%s", taken, sure, got)
			}
		})
	}
}

func FuzzTake(f *testing.F) {
	f.Add("import { a, load } from './store';\n", false)
	f.Add("from store import (a,\n load)\n", true)
	f.Add("from store import a, \\\n load # x", true)
	f.Fuzz(func(t *testing.T, src string, python bool) {
		language, old, spec := "typescript", "./store", "./loader"
		if python {
			language, old, spec = "python", "store", "loader"
		}
		got, taken, _ := Take(language, src, old, spec, map[string]bool{"load": true})
		if taken == 0 && got != src {
			t.Fatalf("%q became %q", src, got)
		}
		if _, again, _ := Take(language, got, old, spec, map[string]bool{"load": true}); again > 0 {
			t.Fatalf("%q became %q, which still takes it", src, got)
		}
	})
}
