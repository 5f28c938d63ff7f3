package realollama

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// Template is the chat template that scripted models need.
const Template = "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"

// CallerTemplate is the one for models that call tools. What the model says after
// a result is another thing than what it says at first, so the prompt ends with
// another token then.
const CallerTemplate = "{{ if .Tools }}<|im_start|>system\n{{ .Tools }}<|im_end|>\n{{ end }}{{ $result := false }}" +
	"{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}" +
	"{{ if .ToolCalls }}<tool_call>\n{{ range .ToolCalls }}{\"name\": \"{{ .Function.Name }}\", \"arguments\": {{ .Function.Arguments }}}\n{{ end }}</tool_call>{{ end }}" +
	"<|im_end|>\n{{ $result = eq .Role \"tool\" }}{{ end }}<|im_start|>assistant\n{{ if $result }}" + afterResult + "{{ end }}"

// Wide is a width of the inner layers that makes a model of 126 MB, which takes
// about as long to read a prompt as a small model of the real ones does.
const Wide = 40960

// The shape of a scripted model. width is also what separates the tokens: see weights.
const (
	width   = 128
	heads   = 2
	layers  = 2
	longest = 32768 // context
)

// Scripted writes a GGUF model that answers every chat with that text and stops.
// inner is the width of its inner layers, 0 for the smallest model.
//
// The text is cut into pieces of a few bytes, each a token of its own. Every
// token has a random vector; what the layers compute is multiplied by zero, so
// the state after the last layer is the vector of the last token; and the output
// row of each piece is the vector of the piece before it, which makes it by far
// the most likely successor. A prompt ends with a line feed (Template), whose
// successor is the first piece. Everything else about the model is real.
func Scripted(w io.Writer, answer string, inner int) error {
	return scripted(w, inner, answer)
}

// scripted is Scripted of a model that says the first of the answers to a prompt
// that ends with a line feed, and the second to one that ends with afterResult.
func scripted(w io.Writer, inner int, answers ...string) error {
	v, err := newVocabulary(answers...)
	if err != nil {
		return err
	}
	var head bytes.Buffer
	inner = cmp.Or(inner, width)
	tensors := v.tensors(inner)
	keys := v.keys(inner)
	head.WriteString("GGUF")
	put(&head, uint32(3), uint64(len(tensors)), uint64(len(keys)))
	for _, k := range keys {
		put(&head, k.name)
		if err := putTyped(&head, k.value); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	var offset uint64
	for _, t := range tensors {
		put(&head, t.name, uint32(len(t.shape)))
		for _, n := range t.shape {
			put(&head, uint64(n))
		}
		put(&head, uint32(0), offset) // 0 is float32
		offset += uint64(4 * len(t.values))
		if offset%alignment != 0 {
			return fmt.Errorf("tensor %s is not aligned", t.name)
		}
	}
	head.Write(make([]byte, (alignment-head.Len()%alignment)%alignment))
	if _, err := w.Write(head.Bytes()); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := binary.Write(w, binary.LittleEndian, t.values); err != nil {
			return err
		}
	}
	return nil
}

const alignment = 32

// put writes numbers and strings as GGUF has them.
func put(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		if s, ok := v.(string); ok {
			put(b, uint64(len(s)))
			b.WriteString(s)
			continue
		}
		if err := binary.Write(b, binary.LittleEndian, v); err != nil {
			panic(err) // a type of no fixed size: a mistake here
		}
	}
}

// putTyped writes the type of a value and the value.
func putTyped(b *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case uint32:
		put(b, uint32(4), v)
	case float32:
		put(b, uint32(6), v)
	case bool:
		put(b, uint32(7), v)
	case string:
		put(b, uint32(8), v)
	case []int32:
		put(b, uint32(9), uint32(5), uint64(len(v)), v)
	case []string:
		put(b, uint32(9), uint32(8), uint64(len(v)))
		for _, s := range v {
			put(b, s)
		}
	default:
		return fmt.Errorf("no GGUF type for %T", value)
	}
	return nil
}

// vocabulary is a byte-level BPE vocabulary and what follows what.
type vocabulary struct {
	tokens []string // in the spelling of byte-level BPE
	kinds  []int32
	ids    map[string]int
	before map[int][]int // by token: the tokens that it follows
}

const (
	normal  = 1
	control = 3
)

const (
	ending      = "<|im_end|>"
	afterResult = "<|result|>"
)

func newVocabulary(answers ...string) (*vocabulary, error) {
	v := &vocabulary{ids: map[string]int{}, before: map[int][]int{}}
	for b := range 256 {
		v.add(spell([]byte{byte(b)}), normal)
	}
	v.add(spell([]byte("  ")), normal) // the one merge: a list of none is not a list to every reader
	for _, s := range []string{"<|endoftext|>", "<|im_start|>", ending, afterResult} {
		v.add(s, control)
	}
	begins := []int{v.ids[spell([]byte("\n"))], v.ids[afterResult]}
	used := map[string]bool{} // single bytes have tokens already
	for b := range 256 {
		used[string([]byte{byte(b)})] = true
	}
	for i, answer := range answers {
		last := begins[i]
		for _, piece := range pieces(answer, used) {
			if _, ok := v.ids[spell([]byte(piece))]; ok {
				return nil, fmt.Errorf("the answer can't be scripted: %q at its end stands elsewhere in it", piece)
			}
			id := v.add(spell([]byte(piece)), normal)
			v.before[id] = []int{last}
			last = id
		}
		end := v.ids[ending]
		v.before[end] = append(v.before[end], last)
	}
	return v, nil
}

func (v *vocabulary) add(spelled string, kind int32) int {
	id := len(v.tokens)
	v.ids[spelled] = id
	v.tokens, v.kinds = append(v.tokens, spelled), append(v.kinds, kind)
	return id
}

// pieces cuts text into parts of four bytes or more, at rune boundaries, no two
// alike and none like one used before: only so does each have one successor. The
// rest of the text that can't be cut any more joins the last one.
func pieces(text string, used map[string]bool) (out []string) {
	for text != "" {
		n := min(4, len(text))
		for n < len(text) && (used[text[:n]] || text[n]&0xc0 == 0x80) {
			n++
		}
		if used[text[:n]] && len(out) > 0 { // n is all that is left
			last := len(out) - 1
			delete(used, out[last])
			text, out = out[last]+text, out[:last]
			n = len(text)
		}
		used[text[:n]] = true
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

// spell writes bytes as byte-level BPE does: printable ones as themselves, the
// others as the runes from U+0100 on, in order.
func spell(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		out.WriteRune(spelling[c])
	}
	return out.String()
}

var spelling = func() (table [256]rune) {
	next := rune(0x100)
	for c := range table {
		if c > ' ' && c < 0x7f || c > 0xa0 && c != 0xad {
			table[c] = rune(c)
		} else {
			table[c] = next
			next++
		}
	}
	return table
}()

type key struct {
	name  string
	value any
}

func (v *vocabulary) keys(inner int) []key {
	id := func(s string) uint32 { return uint32(v.ids[s]) }
	space := spell([]byte(" "))
	return []key{
		{"general.architecture", "qwen2"},
		{"general.name", "scripted"},
		{"general.file_type", uint32(0)},
		{"qwen2.context_length", uint32(longest)},
		{"qwen2.embedding_length", uint32(width)},
		{"qwen2.block_count", uint32(layers)},
		{"qwen2.feed_forward_length", uint32(inner)},
		{"qwen2.attention.head_count", uint32(heads)},
		{"qwen2.attention.head_count_kv", uint32(heads)},
		{"qwen2.attention.layer_norm_rms_epsilon", float32(1e-6)},
		{"qwen2.rope.freq_base", float32(1e6)},
		{"tokenizer.ggml.model", "gpt2"},
		{"tokenizer.ggml.pre", "qwen2"},
		{"tokenizer.ggml.tokens", v.tokens},
		{"tokenizer.ggml.token_type", v.kinds},
		{"tokenizer.ggml.merges", []string{space + " " + space}},
		{"tokenizer.ggml.eos_token_id", id(ending)},
		{"tokenizer.ggml.bos_token_id", id("<|endoftext|>")},
		{"tokenizer.ggml.padding_token_id", id("<|endoftext|>")},
		{"tokenizer.ggml.add_bos_token", false},
	}
}

type tensor struct {
	name   string
	shape  []int // the innermost first
	values []float32
}

// tensors are the weights. The vectors of two tokens have a product of about
// 11 (the root of width) against width for one with itself, so a successor
// stands out by ten deviations among all tokens.
func (v *vocabulary) tensors(inner int) []tensor {
	r := rand.New(rand.NewPCG(1, 2))
	n := len(v.tokens)
	embed := make([]float32, n*width)
	for i := range embed {
		embed[i] = float32(2*r.IntN(2) - 1)
	}
	out := make([]float32, n*width)
	for id, before := range v.before {
		for _, prev := range before {
			for i := range width {
				out[id*width+i] += embed[prev*width+i] / 2 // 64 in the end: certain at any temperature
			}
		}
	}
	noise := make([]float32, 4099) // enough: what the layers compute counts for nothing
	for i := range noise {
		noise[i] = float32(r.NormFloat64()) / 8
	}
	matrix := func(name string, from, to int, fill float32) tensor {
		values := make([]float32, from*to)
		for i := range values {
			values[i] = fill * noise[i%len(noise)]
		}
		return tensor{name, []int{from, to}, values}
	}
	vector := func(name string, fill float32) tensor {
		values := make([]float32, width)
		for i := range values {
			values[i] = fill
		}
		return tensor{name, []int{width}, values}
	}
	ts := []tensor{
		{"token_embd.weight", []int{width, n}, embed},
		vector("output_norm.weight", 1),
		{"output.weight", []int{width, n}, out},
	}
	for i := range layers {
		b := fmt.Sprintf("blk.%d.", i)
		ts = append(ts,
			vector(b+"attn_norm.weight", 1), vector(b+"ffn_norm.weight", 1),
			matrix(b+"attn_q.weight", width, width, 1), vector(b+"attn_q.bias", 0),
			matrix(b+"attn_k.weight", width, width, 1), vector(b+"attn_k.bias", 0),
			matrix(b+"attn_v.weight", width, width, 1), vector(b+"attn_v.bias", 0),
			matrix(b+"attn_output.weight", width, width, 0),
			matrix(b+"ffn_gate.weight", width, inner, 1), matrix(b+"ffn_up.weight", width, inner, 1),
			matrix(b+"ffn_down.weight", inner, width, 0),
		)
	}
	return ts
}
