package syntax

import "testing"

func TestIsStub(t *testing.T) {
	for _, tt := range []struct {
		language, src string
		want          bool
	}{
		{"go", "func f() {}", true},
		{"go", "func f() int {\n\tpanic(\"not implemented\")\n}", true},
		{"go", "func f() int {\n\tpanic(\"TODO: add\") // later\n}", true},
		{"go", "func (s *Set) Len() int {\n\tpanic(`implement me`)\n}", true},
		{"go", "func f() (int, error) {\n\treturn 0, errors.New(\"f is not implemented yet\")\n}", true},
		{"go", "func f() error {\n\treturn fmt.Errorf(\"unimplemented: %d\", 1)\n}", true},
		{"go", "func f(a int) int {\n\t_ = a\n\tpanic(\"not implemented\")\n}", true},
		{"go", "func f() int {\n\t// TODO: count the lines\n\treturn 0\n}", true},
		{"go", "func f() int {\n\t// not implemented\n}", true},
		{"go", "func f() int {\n\treturn 0\n}", false},
		{"go", "func f() {\n\tpanic(\"no such file\")\n}", false},
		{"go", "func f() string {\n\treturn \"TODO\"\n}", false},
		{"go", "func f() error {\n\ta()\n\tb()\n\tc()\n\td()\n\treturn errors.New(\"not implemented\")\n}", false},
		{"go", "func f() {\n\t// to do it right, sort first\n\tsort.Ints(x)\n}", false},
		{"go", "type t struct{}", false},

		{"typescript", "export function f(): number {\n  throw new Error(\"not implemented\");\n}", true},
		{"typescript", "export const f = (a: number): number => {\n  throw new Error('Not implemented: f');\n};", true},
		{"typescript", "class A {\n  f(): void {}\n}", true},
		{"typescript", "async function f() {\n  return Promise.reject(new Error(`not implemented`));\n}", true},
		{"typescript", "abstract class A {\n  abstract f(): void;\n}", false},
		{"typescript", "function f() {\n  throw new Error('no user');\n}", false},
		{"javascript", "function f() {\n  // TODO\n}", true},
		{"javascript", "function f() {\n  throw new NotImplementedError();\n}", true},
		{"typescriptreact", "export function A() {\n  return null;\n}", false},

		{"python", "def f():\n    pass\n", true},
		{"python", "def f():\n    ...\n", true},
		{"python", "def f(a):\n    \"\"\"Adds.\"\"\"\n    raise NotImplementedError\n", true},
		{"python", "def f(a):\n    \"\"\"Adds.\"\"\"\n", true},
		{"python", "class A:\n    async def f(self) -> int:\n        raise NotImplementedError(\"f\")\n", true},
		{"python", "def f():\n    raise Exception('not implemented')\n", true},
		{"python", "def f():\n    # TODO: all of it\n    return None\n", true},
		{"python", "class A(ABC):\n    @abstractmethod\n    def f(self):\n        pass\n", false},
		{"python", "def f():\n    return None\n", false},
		{"python", "def f():\n    raise ValueError('odd')\n", false},

		{"rust", "fn f() -> u8 {\n    todo!()\n}", true},
		{"rust", "pub fn f() -> u8 { unimplemented!(\"later\") }", true},
		{"rust", "fn f() {\n    panic!(\"not yet implemented\");\n}", true},
		{"rust", "fn f() -> u8 {\n    0\n}", false},

		{"java", "class A {\n  int f() {\n    throw new UnsupportedOperationException();\n  }\n}", true},
		{"java", "class A {\n  int f() {\n    throw new RuntimeException(\"Not implemented\");\n  }\n}", true},
		{"java", "abstract class A {\n  abstract int f();\n}", false},

		{"c", "int f(void) {\n  /* TODO */\n  return 0;\n}", true},
		{"c", "int f(void) { return 1; }", false},
		{"cpp", "int f() { throw std::logic_error(\"not implemented\"); }", true},
		{"lua", "local function f()\nend\n", true},
		{"lua", "function f()\n  error(\"not implemented\")\nend\n", true},
		{"lua", "function f()\n  return 1\nend\n", false},
	} {
		got := false
		outline := Outline(tt.language, tt.src)
		if len(outline) == 0 {
			t.Errorf("%s: no symbol in %q", tt.language, tt.src)
		}
		for _, sym := range outline {
			got = got || IsStub(tt.language, tt.src, sym)
		}
		if got != tt.want {
			t.Errorf("%s: %q: %v, want %v", tt.language, tt.src, got, tt.want)
		}
	}
}

func TestCode(t *testing.T) {
	const src = "x := \"a // b\" // \"c\"\ny := 1 /* d */ + 2"
	if got, want := Code("go", src), "x := \"            \ny := 1         + 2"; len(got) != len(src) || got[:6] != want[:6] || got[21:28] != src[21:28] {
		t.Errorf("%q", got)
	}
	if got := Comments("go", src); len(got) != 2 || src[got[1].Start:got[1].End] != "/* d */" {
		t.Errorf("%v", got)
	}
	if Code("plaintext", src) != src {
		t.Error("prose was changed")
	}
}
