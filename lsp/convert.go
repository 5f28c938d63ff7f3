package lsp

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// pathOf is the absolute path of a file URI, in whatever spelling the client
// writes it. Other schemes have no path.
func pathOf(s string) (string, error) {
	// The parser takes what has no scheme for a file.
	if len(s) < len("file:") || !strings.EqualFold(s[:len("file:")], "file:") {
		return "", fmt.Errorf("%.200q is not a file: only file:// documents can be worked on", s)
	}
	u, err := uri.Parse(strings.Clone(s))
	if err != nil {
		return "", fmt.Errorf("%.200q is not a URI: %w", s, err)
	}
	if a := u.Authority(); a != "" && !strings.EqualFold(a, "localhost") && filepath.Separator == '/' {
		return "", fmt.Errorf("%.200q is on another host", s)
	}
	path := u.FsPath()
	if strings.EqualFold(u.Authority(), "localhost") {
		path = u.Path()
	}
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("%.200q has no absolute path", s)
	}
	return filepath.Clean(path), nil
}

// pathsOf are the paths of those of some URIs that have one.
func pathsOf(uris []string) []string {
	var paths []string
	for _, u := range uris {
		if path, err := pathOf(u); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// uriOf is the file URI of an absolute path.
func uriOf(path string) string { return uri.File(path).String() }

// spanOf converts a range of the editor; the error says which end is outside.
func spanOf(f *workspace.File, r Range, enc text.Encoding) (text.Span, error) {
	start, err := f.Lines().Offset(text.Position(r.Start), enc)
	if err != nil {
		return text.Span{}, fmt.Errorf("range start %d:%d is outside the document: %w", r.Start.Line, r.Start.Character, err)
	}
	end, err := f.Lines().Offset(text.Position(r.End), enc)
	if err != nil {
		return text.Span{}, fmt.Errorf("range end %d:%d is outside the document: %w", r.End.Line, r.End.Character, err)
	}
	if end < start {
		return text.Span{}, fmt.Errorf("range %d:%d-%d:%d is reversed", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character)
	}
	return text.Span{Start: start, End: end}, nil
}

// rangeOf converts a span of a text that x indexes.
func rangeOf(x *text.LineIndex, s text.Span, enc text.Encoding) Range {
	return Range{Start: Position(x.Position(s.Start, enc)), End: Position(x.Position(s.End, enc))}
}

func protocolRange(r Range) protocol.Range {
	return protocol.Range{Start: protocol.Position(r.Start), End: protocol.Position(r.End)}
}

func ownRange(r protocol.Range) Range {
	return Range{Start: Position(r.Start), End: Position(r.End)}
}

// rangeEdits converts the changes of a didChange. The texts are cloned: they
// alias the whole message.
func rangeEdits(changes []protocol.TextDocumentContentChangeEvent) ([]text.RangeEdit, error) {
	edits := make([]text.RangeEdit, 0, len(changes))
	for _, c := range changes {
		switch c := c.(type) {
		case *protocol.TextDocumentContentChangeWholeDocument:
			edits = append(edits, text.RangeEdit{Whole: true, New: strings.Clone(c.Text)})
		case *protocol.TextDocumentContentChangePartial:
			edits = append(edits, text.RangeEdit{
				Start: text.Position(c.Range.Start), End: text.Position(c.Range.End), New: strings.Clone(c.Text),
			})
		default:
			return nil, fmt.Errorf("content change of unknown kind %T", c)
		}
	}
	return edits, nil
}

// fileChange is what one file of a workspace edit becomes, ready to be sent: the
// text it starts from, the edits, and the text that must come out of it.
type fileChange struct {
	path    string
	uri     string          // as the client spells it
	version *int32          // of the open document; nil for a file on disk
	before  *workspace.File // nil for a file to be created
	edits   []text.Edit     // simultaneous, against before.Text
	region  text.Span       // in before.Text: what the model was asked about
	text    string          // the whole text of a file to be created
	to      string          // where the file moves to, "" where it stays
	toURI   string
	gone    bool // the file is deleted
	confirm bool
}

// finalURI names the file as it is afterwards, a deleted one as it was.
func (c *fileChange) finalURI() string {
	if c.to != "" {
		return c.toURI
	}
	return c.uri
}

// Constant discriminators are not filled in by the library: these constructors do.

func createFile(u, annotation string) *protocol.CreateFile {
	no := false
	return &protocol.CreateFile{
		Kind: "create", URI: uri.URI(u),
		ResourceOperation: protocol.ResourceOperation{Kind: "create", AnnotationID: protocol.ChangeAnnotationIdentifier(annotation)},
		Options:           &protocol.CreateFileOptions{Overwrite: &no, IgnoreIfExists: &no},
	}
}

func renameFile(from, to, annotation string) *protocol.RenameFile {
	no := false
	return &protocol.RenameFile{
		Kind: "rename", OldURI: uri.URI(from), NewURI: uri.URI(to),
		ResourceOperation: protocol.ResourceOperation{Kind: "rename", AnnotationID: protocol.ChangeAnnotationIdentifier(annotation)},
		Options:           &protocol.RenameFileOptions{Overwrite: &no, IgnoreIfExists: &no},
	}
}

func deleteFile(u, annotation string) *protocol.DeleteFile {
	no := false
	return &protocol.DeleteFile{
		Kind: "delete", URI: uri.URI(u),
		ResourceOperation: protocol.ResourceOperation{Kind: "delete", AnnotationID: protocol.ChangeAnnotationIdentifier(annotation)},
		Options:           &protocol.DeleteFileOptions{Recursive: &no, IgnoreIfNotExists: &no},
	}
}

func textDocumentEdit(u string, version *int32, edits []protocol.TextEdit, annotation string) *protocol.TextDocumentEdit {
	out := make([]protocol.TextDocumentEditElement, len(edits))
	for i := range edits {
		if annotation == "" {
			out[i] = &edits[i]
			continue
		}
		out[i] = &protocol.AnnotatedTextEdit{TextEdit: edits[i], AnnotationID: protocol.ChangeAnnotationIdentifier(annotation)}
	}
	return &protocol.TextDocumentEdit{
		TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: uri.URI(u)}, Version: version,
		},
		Edits: out,
	}
}

// textEdits converts the edits of one file.
func (c *fileChange) textEdits(enc text.Encoding) []protocol.TextEdit {
	if c.before == nil {
		return []protocol.TextEdit{{NewText: c.text}}
	}
	out := make([]protocol.TextEdit, len(c.edits))
	for i, e := range c.edits {
		out[i] = protocol.TextEdit{Range: protocolRange(rangeOf(c.before.Lines(), e.Span, enc)), NewText: e.New}
	}
	return out
}

// confirmID is the annotation of edits that the user should look at first.
const confirmID = "hob.confirm"

// workspaceEdit writes the changes in the richest form that the client takes.
// Renames and deletions that the client can't do must not be among them.
func workspaceEdit(changes []fileChange, c *clientInfo, label string) *protocol.WorkspaceEdit {
	if !c.documentChanges {
		edit := &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{}}
		for _, f := range changes {
			edit.Changes[uri.URI(f.uri)] = f.textEdits(c.encoding)
		}
		return edit
	}
	edit := &protocol.WorkspaceEdit{}
	for _, f := range inOrder(changes) {
		annotation := ""
		if f.confirm && c.annotations {
			annotation = confirmID
		}
		edit.DocumentChanges = append(edit.DocumentChanges, f.documentChanges(c, annotation)...)
		if annotation != "" && edit.ChangeAnnotations == nil {
			// An annotationId without its entry crashes Neovim: both are written here and nowhere else.
			yes := true
			edit.ChangeAnnotations = map[protocol.ChangeAnnotationIdentifier]protocol.ChangeAnnotation{
				confirmID: {Label: label, NeedsConfirmation: &yes},
			}
		}
	}
	return edit
}

// documentChanges are the operations of one file, in their order: a file that
// moves is changed under the name of which the client has a version. To a client
// that is not to be sent their creation, files that are new are text like others.
func (c *fileChange) documentChanges(client *clientInfo, annotation string) []protocol.DocumentChange {
	if c.gone {
		return []protocol.DocumentChange{deleteFile(c.uri, annotation)}
	}
	var out []protocol.DocumentChange
	if c.before == nil && client.createFile {
		out = append(out, createFile(c.uri, annotation))
	}
	if edits := c.textEdits(client.encoding); len(edits) > 0 {
		out = append(out, textDocumentEdit(c.uri, c.version, edits, annotation))
	}
	if c.to != "" {
		out = append(out, renameFile(c.uri, c.toURI, annotation))
	}
	return out
}

// inOrder puts the changes into an order in which no operation finds its place
// taken by a file that a later one moves away or deletes. Changes that wait for
// each other stay as they are.
func inOrder(changes []fileChange) []fileChange {
	rest, out := slices.Clone(changes), make([]fileChange, 0, len(changes))
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(c fileChange) bool { return !taken(rest, c) })
		next = max(next, 0)
		out = append(out, rest[next])
		rest = slices.Delete(rest, next, next+1)
	}
	return out
}

// taken reports whether the place of c is that of a file which another change
// will take away.
func taken(rest []fileChange, c fileChange) bool {
	place := c.to
	if c.before == nil {
		place = c.path
	}
	return place != "" && slices.ContainsFunc(rest, func(o fileChange) bool {
		return o.path == place && o.before != nil && (o.gone || o.to != "")
	})
}
